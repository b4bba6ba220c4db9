// A set of rows as a bitmap: which items a search may return.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace winnow {

class RowSet final {
 public:
  // The empty set over rows [0, rows); with `all`, the full one.
  explicit RowSet(std::uint32_t rows = 0, bool all = false)
      : rows_(rows), words_((std::size_t{rows} + 63) / 64, all ? ~std::uint64_t{0} : 0) {
    if (all && rows % 64 != 0) words_.back() = (std::uint64_t{1} << (rows % 64)) - 1;
  }

  // row < rows().
  void insert(std::uint32_t row) { words_[row / 64] |= std::uint64_t{1} << (row % 64); }
  void erase(std::uint32_t row) { words_[row / 64] &= ~(std::uint64_t{1} << (row % 64)); }

  // False for rows beyond rows().
  bool contains(std::uint32_t row) const {
    return row < rows_ && ((words_[row / 64] >> (row % 64)) & 1) != 0;
  }

  std::uint32_t rows() const { return rows_; }
  std::uint32_t count() const {
    std::uint32_t sum = 0;
    for (const std::uint64_t word : words_) sum += static_cast<std::uint32_t>(std::popcount(word));
    return sum;
  }

 private:
  std::uint32_t rows_;
  std::vector<std::uint64_t> words_;
};

}  // namespace winnow
