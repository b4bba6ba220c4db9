// VectorCandidates: what one request's vector says of all items, by inner product: exactly, or through an
// index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/vector_index.h"
#include "math/scored_row.h"

namespace winnow {

class VectorCandidates final {
 public:
  // vectors: rows x query.size(), row-major; index: of the same vectors, or null for an exact search. Both
  // outlive the value. An empty query has no opinion of anything.
  VectorCandidates(std::span<const float> vectors, const VectorIndex* index, std::vector<float> query);

  // The `limit` best rows, in no order; scores are finite. O(rows x dims), or what the index takes.
  std::vector<ScoredRow> best(std::size_t limit) const;

  // scores[i]: of the i-th row, and 0 for one that there is not. O(rows), times dims with an index.
  void score(std::span<const std::uint32_t> rows, std::span<float> scores) const;

 private:
  std::span<const float> vectors_;
  const VectorIndex* index_;
  std::vector<float> query_;
  std::vector<float> scores_;  // of every row; empty with an index
};

}  // namespace winnow
