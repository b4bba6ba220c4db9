#include "models/blend/learn_blend.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "evaluation/ranking_metrics.h"
#include "math/top_k.h"

namespace winnow {
namespace {

using Weights = std::array<float, kBlendSources>;

Weights single(std::size_t source) {
  Weights out{};
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
    for (std::size_t source = 0; source < kBlendSources; ++source) {
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

// All points of the simplex on a grid with `parts` parts a side.
std::vector<Weights> simplex_grid(int parts) {
  static_assert(kBlendSources == 3, "the grid is written for three sources");
  std::vector<Weights> out;
  for (int a = 0; a <= parts; ++a) {
    for (int b = 0; a + b <= parts; ++b) {
      const auto whole = static_cast<float>(parts);
      out.push_back({static_cast<float>(a) / whole, static_cast<float>(b) / whole,
                     static_cast<float>(parts - a - b) / whole});
    }
  }
  return out;
}

// The points that move `step` of the weight from one source to another.
std::vector<Weights> neighbours_of(const Weights& weights, float step) {
  std::vector<Weights> out;
  for (std::size_t from = 0; from < kBlendSources; ++from) {
    for (std::size_t to = 0; to < kBlendSources; ++to) {
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

constexpr int kGridParts = 5;
constexpr std::array<float, 3> kSteps = {0.1f, 0.05f, 0.025f};

}  // namespace

BlendExample blend_example(const BlendCandidates& candidates, std::span<const std::uint32_t> relevant) {
  WINNOW_CHECK(!relevant.empty());
  BlendExample out;
  out.relevant_total = static_cast<std::uint32_t>(relevant.size());
  out.relevant.reserve(candidates.items.size());
  for (const std::uint32_t item : candidates.items) {
    out.relevant.push_back(std::binary_search(relevant.begin(), relevant.end(), item) ? 1 : 0);
  }
  for (std::size_t source = 0; source < kBlendSources; ++source) {
    const std::span<const float> raw = candidates.opinions[source];
    const ScoreScale scale = score_scale(raw);
    out.standardised[source].reserve(raw.size());
    for (const float score : raw) out.standardised[source].push_back((score - scale.mean) * scale.factor);
  }
  return out;
}

LearnedBlend learn_blend(std::span<const BlendExample> examples, std::size_t k) {
  LearnedBlend out;
  if (examples.empty()) return out;
  std::array<std::vector<double>, kBlendSources> alone;
  std::size_t best_source = 0;
  for (std::size_t source = 0; source < kBlendSources; ++source) {
    alone[source] = ndcg_by_example(examples, single(source), k);
    out.ndcg_of_source[source] = mean_of(alone[source]);
    if (out.ndcg_of_source[source] > out.ndcg_of_source[best_source]) best_source = source;
  }

  Weights best = single(best_source);
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
    for (const Weights& weights : simplex_grid(kGridParts)) consider(weights);
  }
  for (const float step : kSteps) {
    for (bool moved = enough; moved;) {
      moved = false;
      for (const Weights& weights : neighbours_of(best, step)) moved = consider(weights) || moved;
    }
  }
  out.weights.by_source = best;
  out.ndcg = mean_of(ndcg_by_example(examples, best, k));
  return out;
}

}  // namespace winnow
