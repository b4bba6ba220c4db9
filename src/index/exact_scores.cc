#include "index/exact_scores.h"

#include <algorithm>
#include <cmath>

#include "math/score_keys.h"

namespace winnow {

void append_exact(const ScanKernels& kernels, const StoredVectors& vectors,
                  std::span<const std::uint32_t> rows, const MetricSpace::Query& query,
                  std::vector<ScoredRow>& to) {
  to.reserve(to.size() + rows.size());
  for_each_product(kernels, vectors, rows, query.vector, [&](std::size_t i, float product) {
    to.push_back({rows[i], query.scale * product + query.offset});
  });
}

std::vector<ScoredRow> best_of(std::vector<ScoredRow> scored, std::size_t limit) {
  std::erase_if(scored, [](const ScoredRow& one) { return !std::isfinite(one.score); });
  keep_best(scored, limit);
  std::sort(scored.begin(), scored.end(), RanksBefore());
  return scored;
}

}  // namespace winnow
