#include "models/vector_candidates.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "math/top_k.h"
#include "math/vector_kernels.h"

namespace winnow {

VectorCandidates::VectorCandidates(std::span<const float> vectors, const VectorIndex* index,
                                   std::vector<float> query)
    : vectors_(vectors), index_(index), query_(std::move(query)) {
  if (query_.empty() || index_ != nullptr) return;
  WINNOW_CHECK(vectors_.size() % query_.size() == 0);
  scores_.resize(vectors_.size() / query_.size());
  score_rows(vectors_, query_, scores_);
}

std::vector<ScoredRow> VectorCandidates::best(std::size_t limit) const {
  if (query_.empty()) return {};
  if (index_ != nullptr) return index_->search(query_, {.limit = limit});
  std::vector<ScoredRow> rows = select_top_k(scores_, limit);
  std::erase_if(rows, [](const ScoredRow& hit) { return !std::isfinite(hit.score); });
  return rows;
}

void VectorCandidates::score(std::span<const std::uint32_t> rows, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0f);
  if (query_.empty()) return;
  const std::size_t dims = query_.size();
  const std::size_t known = vectors_.size() / dims;
  // The vectors lie all over memory: they are fetched so many rows ahead.
  constexpr std::size_t kAhead = 8;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (index_ != nullptr && i + kAhead < rows.size() && rows[i + kAhead] < known) {
      const float* const next = vectors_.data() + rows[i + kAhead] * dims;
      for (std::size_t d = 0; d < dims; d += 16) __builtin_prefetch(next + d);
    }
    if (rows[i] >= known) continue;
    scores[i] = index_ == nullptr ? scores_[rows[i]] : dot(query_, vectors_.subspan(rows[i] * dims, dims));
  }
}

}  // namespace winnow
