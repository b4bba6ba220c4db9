#include "index/exact_scores.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow {

void append_exact(const ScanKernels& kernels, const StoredVectors& vectors,
                  std::span<const std::uint32_t> rows, const MetricSpace::Query& query,
                  std::vector<ScoredRow>& to) {
  constexpr std::size_t kAtOnce = 512;
  std::array<float, kAtOnce> scores;
  to.reserve(to.size() + rows.size());
  for (; !rows.empty(); rows = rows.subspan(std::min(kAtOnce, rows.size()))) {
    const auto count = static_cast<std::uint32_t>(std::min(kAtOnce, rows.size()));
    kernels.exact({vectors.data, vectors.dims, rows.data(), count}, query.vector.data(), scores.data());
    for (std::uint32_t i = 0; i < count; ++i) to.push_back({rows[i], query.scale * scores[i] + query.offset});
  }
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
