// Numbers identities in the order in which they first appear. Identities are 128-bit hashes, so a row costs
// 24 to 48 bytes whatever its id looks like, and no id of a user is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/hash.h"

namespace winnow {

class RowMap final {
 public:
  struct Row {
    std::uint32_t row = 0;
    bool is_new = false;
  };

  // O(1) on average: open addressing, at most three quarters full.
  Row insert(const Hash128& identity) {
    if ((std::size_t{size_} + 1) * 4 > slots_.size() * 3) grow();
    Slot& slot = slots_[place(identity)];
    if (slot.row != kEmpty) return {slot.row, false};
    slot = {identity, size_};
    return {size_++, true};
  }

  // Nothing when it never appeared.
  std::optional<std::uint32_t> find(const Hash128& identity) const {
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[place(identity)];
    return slot.row == kEmpty ? std::nullopt : std::optional(slot.row);
  }

  std::uint32_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFFu;
  struct Slot {
    Hash128 identity;
    std::uint32_t row = kEmpty;
  };

  // Of the identity's slot, or of the empty one where it belongs.
  std::size_t place(const Hash128& identity) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = identity.low & mask;
    while (slots_[at].row != kEmpty && slots_[at].identity != identity) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 1024 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.row != kEmpty) slots_[place(slot.identity)] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::uint32_t size_ = 0;
};

}  // namespace winnow
