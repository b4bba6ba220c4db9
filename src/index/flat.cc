#include "index/flat.h"

#include "base/check.h"
#include "math/top_k.h"
#include "math/vector_kernels.h"

namespace winnow {

std::vector<ScoredRow> flat_search(std::span<const float> matrix, std::span<const float> query,
                                   std::size_t limit, std::span<const std::uint32_t> skip) {
  WINNOW_CHECK(!query.empty() && matrix.size() % query.size() == 0);
  std::vector<float> scores(matrix.size() / query.size());
  score_rows(matrix, query, scores);
  for (const std::uint32_t row : skip) {
    if (row < scores.size()) scores[row] = kMasked;
  }
  return top_k(scores, limit);
}

}  // namespace winnow
