// A set of rows as one index reads them: by position in its lists, so that a scan needs one bit and no
// look-up.
#pragma once

#include <cstdint>
#include <vector>

#include "index/row_set.h"

namespace winnow {

class SearchFilter final {
 public:
  // A set of at most this many items is scored exactly, item by item, instead of being looked for in the
  // lists.
  static constexpr std::uint32_t kFew = 4096;

  explicit SearchFilter(RowSet rows) : rows_(std::move(rows)) {}

  const RowSet& rows() const { return rows_; }

  // Filled by the index that made it; empty for kinds without lists.
  std::uint32_t passing = 0;          // items of the index that pass
  std::vector<std::uint16_t> blocks;  // a bit per position
  std::vector<std::uint32_t> passing_in_list;
  // Their positions, rising, where at most kFew pass; their rows, however many, for the flat index.
  std::vector<std::uint32_t> few;

 private:
  RowSet rows_;
};

}  // namespace winnow
