// Parallel columns: several vectors of one length, where the k-th elements together are row k.
#pragma once

#include <cstddef>
#include <vector>

namespace winnow {

// Keeps the rows for which keep(row) holds, in their order and in place. Returns how many went. keep may read
// the columns at the row it is asked about.
template <class Keep, class First, class... Others>
std::size_t keep_rows(Keep keep, std::vector<First>& first, std::vector<Others>&... others) {
  const std::size_t rows = first.size();
  std::size_t kept = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!keep(row)) continue;
    first[kept] = first[row];
    ((others[kept] = others[row]), ...);
    ++kept;
  }
  first.resize(kept);
  (others.resize(kept), ...);
  return rows - kept;
}

}  // namespace winnow
