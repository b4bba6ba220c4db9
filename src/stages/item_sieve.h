// ItemSieve: which items were added, in a byte or two each. Says "no" for certain and "yes" for nearly all
// that were not (a Bloom filter with one hash): it spares most candidates the searches of the lists behind
// it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace winnow {

class ItemSieve final {
 public:
  // Sixteen bits an item: one in sixteen of the others passes by chance.
  explicit ItemSieve(std::size_t most_items)
      : most_items_(most_items), words_(std::bit_ceil(most_items / 4 + 1)) {}

  std::size_t most_items() const { return most_items_; }  // that are added; more make it coarser
  void add(ItemIndex item) { words_[word(item)] |= bit(item); }
  bool may_contain(ItemIndex item) const { return (words_[word(item)] & bit(item)) != 0; }

 private:
  static std::uint32_t mixed(ItemIndex item) { return row(item) * 0x9E3779B9u; }
  std::size_t word(ItemIndex item) const { return (mixed(item) >> 6) & (words_.size() - 1); }
  static std::uint64_t bit(ItemIndex item) { return std::uint64_t{1} << (mixed(item) >> 26); }

  std::size_t most_items_;
  std::vector<std::uint64_t> words_;  // a power of two
};

}  // namespace winnow
