#include "models/blend/learn_blend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "evaluation/ranking_metrics.h"
#include "math/top_k.h"

namespace winnow {
namespace {

using Weights = std::vector<float>;

Weights single(std::size_t source, std::size_t sources) {
  Weights out(sources);
  out[source] = 1;
  return out;
}

// NDCG@k of every example under these weights.
std::vector<double> ndcg_by_example(std::span<const BlendExample> examples, const Weights& weights,
                                    std::size_t k) {
  std::vector<double> out;
  out.reserve(examples.size());
  std::vector<float> scores;
  std::vector<std::uint8_t> hits;
  for (const BlendExample& example : examples) {
    scores.assign(example.relevant.size(), 0.0f);
    for (std::size_t source = 0; source < weights.size(); ++source) {
      if (weights[source] == 0) continue;
      for (std::size_t i = 0; i < scores.size(); ++i)
        scores[i] += weights[source] * example.standardised[source][i];
    }
    hits.clear();
    for (const ScoredRow& row : top_k(scores, k)) hits.push_back(example.relevant[row.item]);
    out.push_back(ndcg_of_hits(hits, example.relevant_total, k));
  }
  return out;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// The mean gain over `base`, less one standard error of the paired difference: what can be relied on.
double reliable_gain(std::span<const double> values, std::span<const double> base) {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double gain = values[i] - base[i];
    sum += gain;
    squares += gain * gain;
  }
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n;
  const double variance = std::max(0.0, squares / n - mean * mean);
  return mean - std::sqrt(variance / std::max(1.0, n - 1));
}

// Appends all ways to share `left` parts among the sources from `source` on, each part 1 / `parts`.
void add_shares(std::size_t source, int left, int parts, Weights& weights, std::vector<Weights>& out) {
  if (source + 1 == weights.size()) {
    weights[source] = static_cast<float>(left) / static_cast<float>(parts);
    out.push_back(weights);
    return;
  }
  for (int own = 0; own <= left; ++own) {
    weights[source] = static_cast<float>(own) / static_cast<float>(parts);
    add_shares(source + 1, left - own, parts, weights, out);
  }
}

// All points of the simplex on a grid, which is the coarser the more sources there are: with many, each alone
// and each two in equal parts.
std::vector<Weights> simplex_grid(std::size_t sources) {
  const int parts = sources <= 3 ? 5 : sources == 4 ? 4 : 2;
  Weights weights(sources);
  std::vector<Weights> out;
  add_shares(0, parts, parts, weights, out);
  return out;
}

// The points that move `step` of the weight from one source to another.
std::vector<Weights> neighbours_of(const Weights& weights, float step) {
  std::vector<Weights> out;
  for (std::size_t from = 0; from < weights.size(); ++from) {
    for (std::size_t to = 0; to < weights.size(); ++to) {
      const float moved = std::min(step, weights[from]);
      if (from == to || moved <= 0) continue;
      Weights next = weights;
      next[from] -= moved;
      next[to] += moved;
      out.push_back(next);
    }
  }
  return out;
}

constexpr std::array<float, 4> kSteps = {0.2f, 0.1f, 0.05f, 0.025f};

}  // namespace

BlendExample blend_example(const BlendCandidates& candidates, std::span<const std::uint32_t> relevant) {
  WINNOW_CHECK(!relevant.empty());
  BlendExample out;
  out.relevant_total = static_cast<std::uint32_t>(relevant.size());
  out.relevant.reserve(candidates.items.size());
  for (const std::uint32_t item : candidates.items) {
    out.relevant.push_back(std::binary_search(relevant.begin(), relevant.end(), item) ? 1 : 0);
  }
  for (const std::vector<float>& raw : candidates.opinions) {
    const ScoreScale scale = score_scale(raw);
    std::vector<float>& standardised = out.standardised.emplace_back();
    standardised.reserve(raw.size());
    for (const float score : raw) standardised.push_back(scale.of(score));
  }
  return out;
}

LearnedBlend learn_blend(std::span<const BlendExample> examples, std::size_t k) {
  WINNOW_CHECK(!examples.empty());
  const std::size_t sources = examples.front().standardised.size();
  LearnedBlend out;
  std::vector<std::vector<double>> alone(sources);
  std::size_t best_source = 0;
  for (std::size_t source = 0; source < sources; ++source) {
    alone[source] = ndcg_by_example(examples, single(source, sources), k);
    out.ndcg_of_source.push_back(mean_of(alone[source]));
    if (out.ndcg_of_source[source] > out.ndcg_of_source[best_source]) best_source = source;
  }

  Weights best = single(best_source, sources);
  double best_gain = 0;
  const auto consider = [&](const Weights& weights) {
    const double gain = reliable_gain(ndcg_by_example(examples, weights, k), alone[best_source]);
    if (gain <= best_gain) return false;
    best = weights;
    best_gain = gain;
    return true;
  };
  const bool enough = examples.size() >= kMinExamples;
  if (enough) {
    for (const Weights& weights : simplex_grid(sources)) consider(weights);
  }
  for (const float step : kSteps) {
    for (bool moved = enough; moved;) {
      moved = false;
      for (const Weights& weights : neighbours_of(best, step)) moved = consider(weights) || moved;
    }
  }
  out.ndcg = mean_of(ndcg_by_example(examples, best, k));
  out.weights = std::move(best);
  return out;
}

}  // namespace winnow
