#include "evaluation/ranking_metrics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace winnow {
namespace {

double ideal_dcg(std::size_t hits) {
  double sum = 0;
  for (std::size_t j = 0; j < hits; ++j) sum += rank_discount(j);
  return sum;
}

}  // namespace

UserMetrics user_metrics(std::span<const std::uint32_t> list, std::span<const std::uint32_t> relevant,
                         std::size_t k) {
  WINNOW_CHECK(k > 0 && !relevant.empty());
  UserMetrics out;
  double hits = 0;
  double dcg = 0;
  double precisions = 0;
  const std::size_t length = std::min(k, list.size());
  for (std::size_t j = 0; j < length; ++j) {
    if (!std::binary_search(relevant.begin(), relevant.end(), list[j])) continue;
    ++hits;
    dcg += rank_discount(j);
    precisions += hits / static_cast<double>(j + 1);
    if (out.mrr == 0) out.mrr = 1.0 / static_cast<double>(j + 1);
  }
  const std::size_t best = std::min(k, relevant.size());
  out.recall = hits / static_cast<double>(relevant.size());
  out.ndcg = dcg / ideal_dcg(best);
  out.map = precisions / static_cast<double>(best);
  out.hit_rate = hits > 0 ? 1.0 : 0.0;
  return out;
}

double rank_discount(std::size_t position) { return 1.0 / std::log2(static_cast<double>(position) + 2.0); }

double dcg_of_gains(std::span<const double> gains, std::size_t k) {
  double sum = 0;
  for (std::size_t j = 0; j < std::min(k, gains.size()); ++j) sum += gains[j] * rank_discount(j);
  return sum;
}

double ndcg_of_hits(std::span<const std::uint8_t> hits, std::size_t relevant, std::size_t k) {
  WINNOW_CHECK(k > 0 && relevant > 0);
  double dcg = 0;
  for (std::size_t j = 0; j < std::min(k, hits.size()); ++j) {
    if (hits[j] != 0) dcg += rank_discount(j);
  }
  return dcg / ideal_dcg(std::min(k, relevant));
}

double gini(std::span<const std::uint32_t> counts) {
  std::vector<std::uint32_t> sorted(counts.begin(), counts.end());
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i];
    weighted += static_cast<double>(i + 1) * sorted[i];
  }
  if (sum == 0) return 0;
  const auto n = static_cast<double>(sorted.size());
  return (2 * weighted) / (n * sum) - (n + 1) / n;
}

}  // namespace winnow
