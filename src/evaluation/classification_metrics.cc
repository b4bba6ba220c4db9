#include "evaluation/classification_metrics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace winnow {
namespace {

// Rows of the same score, added up.
struct Block {
  double score = 0;
  double positives = 0;
  double weight = 0;
};

float weight_of(const ScoredRows& rows, std::size_t r) { return rows.weights.empty() ? 1 : rows.weights[r]; }

// By ascending score.
std::vector<Block> blocks_of(const ScoredRows& rows) {
  WINNOW_CHECK(rows.labels.size() == rows.scores.size());
  WINNOW_CHECK(rows.weights.empty() || rows.weights.size() == rows.scores.size());
  std::vector<std::size_t> order;
  for (std::size_t r = 0; r < rows.scores.size(); ++r) {
    if (!std::isnan(rows.labels[r])) order.push_back(r);
  }
  std::ranges::sort(order, {}, [&](std::size_t r) { return rows.scores[r]; });
  std::vector<Block> out;
  for (const std::size_t r : order) {
    if (out.empty() || out.back().score != rows.scores[r]) out.push_back({rows.scores[r], 0, 0});
    out.back().positives += double{weight_of(rows, r)} * rows.labels[r];
    out.back().weight += weight_of(rows, r);
  }
  return out;
}

ScoredRows part(const ScoredRows& rows, std::size_t begin, std::size_t end) {
  return {rows.scores.subspan(begin, end - begin), rows.labels.subspan(begin, end - begin),
          rows.weights.empty() ? rows.weights : rows.weights.subspan(begin, end - begin)};
}

}  // namespace

std::optional<double> auc(const ScoredRows& rows) {
  double positives = 0;
  double negatives = 0;
  double won = 0;
  for (const Block& block : blocks_of(rows)) {
    const double own_negatives = block.weight - block.positives;
    won += block.positives * (negatives + own_negatives / 2);
    positives += block.positives;
    negatives += own_negatives;
  }
  if (positives <= 0 || negatives <= 0) return std::nullopt;
  return won / (positives * negatives);
}

std::optional<double> grouped_auc(const ScoredRows& rows, std::span<const std::uint64_t> groups) {
  double sum = 0;
  double weight = 0;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    const ScoredRows group = part(rows, groups[g], groups[g + 1]);
    const auto value = auc(group);
    if (!value) continue;
    for (std::size_t r = 0; r < group.scores.size(); ++r) {
      if (std::isnan(group.labels[r])) continue;
      sum += *value * weight_of(group, r);
      weight += weight_of(group, r);
    }
  }
  if (weight <= 0) return std::nullopt;
  return sum / weight;
}

double log_loss(const ScoredRows& rows) {
  constexpr double kLeast = 1e-7;
  double sum = 0;
  double weight = 0;
  for (std::size_t r = 0; r < rows.scores.size(); ++r) {
    const double label = rows.labels[r];
    if (std::isnan(label)) continue;
    const double p = std::clamp<double>(rows.scores[r], kLeast, 1 - kLeast);
    sum -= weight_of(rows, r) * (label * std::log(p) + (1 - label) * std::log1p(-p));
    weight += weight_of(rows, r);
  }
  return weight > 0 ? sum / weight : 0;
}

double calibration_error(const ScoredRows& rows, std::size_t bins) {
  WINNOW_CHECK(bins > 0);
  const std::vector<Block> blocks = blocks_of(rows);
  double total = 0;
  for (const Block& block : blocks) total += block.weight;
  std::vector<double> excess(bins);  // of scores over labels, by weight
  double before = 0;
  for (const Block& block : blocks) {
    const double middle = (before + block.weight / 2) / total;
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(middle * static_cast<double>(bins)));
    excess[bin] += block.score * block.weight - block.positives;
    before += block.weight;
  }
  double sum = 0;
  for (const double value : excess) sum += std::abs(value);
  return total > 0 ? sum / total : 0;
}

}  // namespace winnow
