// The exact vector index: scores every row. The oracle of approximate indexes, and the index of choice up to
// some hundred thousand rows, where it takes less than a millisecond.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/scored_row.h"

namespace winnow {

// The `limit` rows of largest inner product with the query, best first, ties by the lower row. matrix: rows x
// query.size(), row-major. skip: rows to leave out, in any order; those beyond the matrix are passed over.
// O(rows * dims + limit log limit); thread-safe.
std::vector<ScoredRow> flat_search(std::span<const float> matrix, std::span<const float> query,
                                   std::size_t limit, std::span<const std::uint32_t> skip = {});

}  // namespace winnow
