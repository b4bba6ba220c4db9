#include "models/ranking/lambda_gradients.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "evaluation/ranking_metrics.h"

namespace winnow {
namespace {

// Keeps pairs of equal scores from pulling without bound.
constexpr double kLeastDistance = 0.01;

// Rows whose label is known, best first.
std::vector<std::size_t> ranked(std::span<const float> scores, std::span<const float> labels) {
  std::vector<std::size_t> order;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    if (!std::isnan(labels[r])) order.push_back(r);
  }
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t r) { return scores[r]; });
  return order;
}

double ideal_gain(std::vector<double> gains, std::size_t k) {
  std::ranges::sort(gains, std::greater<>());
  return dcg_of_gains(gains, k);
}

}  // namespace

double gain_of(double label, double grades) { return std::exp2(grades * label) - 1; }

void lambda_gradients(std::span<const float> scores, std::span<const float> labels,
                      const LambdaOptions& options, std::span<float> gradients, std::span<float> hessians) {
  std::ranges::fill(gradients, 0.0f);
  std::ranges::fill(hessians, 0.0f);
  const std::vector<std::size_t> order = ranked(scores, labels);
  if (order.empty()) return;
  std::vector<double> gains, discounts;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    gains.push_back(gain_of(labels[order[rank]], options.grades));
    discounts.push_back(rank_discount(rank));
  }
  const double ideal = ideal_gain(gains, options.truncation);
  if (ideal <= 0) return;
  const bool distinct = scores[order.front()] != scores[order.back()];
  std::vector<double> first(order.size()), second(order.size());
  double sum = 0;
  for (std::size_t a = 0; a < std::min(options.truncation, order.size()); ++a) {
    for (std::size_t b = a + 1; b < order.size(); ++b) {
      if (gains[a] == gains[b]) continue;
      const std::size_t high = gains[a] > gains[b] ? a : b;
      const std::size_t low = a + b - high;
      const double distance = double{scores[order[high]]} - scores[order[low]];
      double change = (gains[high] - gains[low]) * (discounts[a] - discounts[b]) / ideal;
      if (distinct) change /= kLeastDistance + std::abs(distance);
      const double p = 1 / (1 + std::exp(distance));  // that the pair is the wrong way round
      first[high] -= p * change;
      first[low] += p * change;
      second[high] += p * (1 - p) * change;
      second[low] += p * (1 - p) * change;
      sum += 2 * p * change;
    }
  }
  const double scale = sum > 0 ? std::log2(1 + sum) / sum : 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    gradients[order[rank]] = static_cast<float>(first[rank] * scale);
    hessians[order[rank]] = static_cast<float>(second[rank] * scale);
  }
}

double graded_ndcg(std::span<const float> scores, std::span<const float> labels, std::size_t k,
                   double grades) {
  std::vector<double> gains;
  for (const std::size_t r : ranked(scores, labels)) gains.push_back(gain_of(labels[r], grades));
  const double ideal = ideal_gain(gains, k);
  return ideal > 0 ? dcg_of_gains(gains, k) / ideal : -1;
}

}  // namespace winnow
