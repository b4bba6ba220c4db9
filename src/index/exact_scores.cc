#include "index/exact_scores.h"

#include <algorithm>
#include <cmath>

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
  if (scored.size() > limit) {
    std::nth_element(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(limit), scored.end(),
                     RanksBefore());
    scored.resize(limit);
  }
  std::sort(scored.begin(), scored.end(), RanksBefore());
  return scored;
}

}  // namespace winnow
