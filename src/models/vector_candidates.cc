#include "models/vector_candidates.h"

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

float VectorCandidates::score(std::uint32_t row) const {
  if (query_.empty()) return 0;
  if (index_ == nullptr) return scores_[row];
  return dot(query_, vectors_.subspan(std::size_t{row} * query_.size(), query_.size()));
}

}  // namespace winnow
