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
    Slot& slot = slots_[place(item)];
    if (slot.item == item) return {slot.number, false};
    slot = {item, count_};
    return {count_++, true};
  }

  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  // kNone when it was never numbered.
  std::uint32_t find(ItemIndex item) const { return slots_[place(item)].number; }

 private:
  struct Slot {
    ItemIndex item = kNoItem;
    std::uint32_t number = kNone;
  };

  // Where the item is, or where it would be put.
  std::size_t place(ItemIndex item) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (row(item) * 0x9E3779B9u) & mask;
    while (slots_[at].item != kNoItem && slots_[at].item != item) at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

}  // namespace winnow
