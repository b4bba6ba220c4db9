// ItemNumbering: numbers items 0, 1, 2, ... in the order in which they are first seen.
//
// Open addressing with linear probing, at most half full, in one allocation: a request merges some thousand
// proposals, where a node-based map would take most of the time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace winnow {

class ItemNumbering final {
 public:
  // most_items: how many different items it can tell apart at most.
  explicit ItemNumbering(std::size_t most_items) : slots_(std::bit_ceil(2 * most_items + 1)) {}

  struct Numbered {
    std::uint32_t number = 0;
    bool is_new = false;
  };
  // item is not kNoItem. O(1) expected.
  Numbered number(ItemIndex item) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (row(item) * 0x9E3779B9u) & mask;
    while (slots_[at].item != kNoItem && slots_[at].item != item) at = (at + 1) & mask;
    if (slots_[at].item == item) return {slots_[at].number, false};
    slots_[at] = {item, count_};
    return {count_++, true};
  }

 private:
  struct Slot {
    ItemIndex item = kNoItem;
    std::uint32_t number = 0;
  };
  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace winnow
