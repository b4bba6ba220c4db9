// Similarity: one user's accumulated similarities, by item row, with the history entry that speaks most for
// each.
//
// A request touches some thousands of rows wherever they lie in the catalogue. They stand side by side in a
// table of their own, found by hash, which stays in the processor's cache where an array over a catalogue of
// a million would miss it at every step. The table comes from a pool and goes back to it, so that a request
// does not allocate.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "base/object_pool.h"
#include "models/item_to_item/item_to_item.h"

namespace winnow {

class Similarity final {
 public:
  // A row with a similarity.
  struct Entry {
    std::uint32_t row = 0;
    float score = 0;       // > 0
    float best_share = 0;  // the largest part of it that one entry of the history has...
    int best = -1;         // ...and which, as an index into the history; -1: none of the model's
  };

 private:
  struct Table {
    std::vector<Entry> entries;
    std::vector<std::uint32_t> slots;  // of entries, counted from 1; 0: free. A power of two
  };

  // The entries so far in a table, and the way to them by row.
  struct Rows {
    Entry* entries = nullptr;  // the first `size` count; there is one behind them
    std::size_t size = 0;
    std::uint32_t* slots = nullptr;
    std::size_t last_slot = 0;
    std::uint32_t multiplier = 1;  // rows are their own hash where there is a slot for each
    unsigned shift = 0;

    // The slot that has the row, or the free one where it belongs.
    std::uint32_t& slot_of(std::uint32_t row) const {
      std::size_t at = row * multiplier >> shift;
      while (slots[at] != 0 && entries[slots[at] - 1].row != row) at = (at + 1) & last_slot;
      return slots[at];
    }
    // Without a branch on whether the row is new, which nobody could foretell: the entry behind the last is
    // made ready for it either way.
    Entry& entry_of(std::uint32_t row) {
      std::uint32_t& slot = slot_of(row);
      entries[size] = {.row = row};
      const bool is_new = slot == 0;
      slot = is_new ? static_cast<std::uint32_t>(size + 1) : slot;
      size += is_new ? 1 : 0;
      return entries[slot - 1];
    }
  };

 public:
  using Pool = ObjectPool<Table>;

  // The pool outlives the value. history: each item once. O(history x neighbours).
  Similarity(Pool& pool, const ItemToItemModel& model, std::span<const HistoryEntry> history);

  // A similarity that the model does not know of; > 0. row < items of the model.
  void add(std::uint32_t row, float share);

  // All, each row once, in no order.
  std::span<const Entry> entries() const { return {rows_.entries, rows_.size}; }
  // 0 where there is none. O(1).
  float score(std::uint32_t row) const {
    const Entry* const entry = find(row);
    return entry == nullptr ? 0.0f : entry->score;
  }
  // The history entry that speaks most for the item, as an index into the history; -1 when none does. O(1).
  int strongest(std::uint32_t row) const {
    const Entry* const entry = find(row);
    return entry == nullptr ? -1 : entry->best;
  }

 private:
  void make_room(std::size_t most);  // and forgets all
  const Entry* find(std::uint32_t row) const {
    const std::uint32_t place = rows_.slot_of(row);
    return place == 0 ? nullptr : &rows_.entries[place - 1];
  }

  std::size_t items_;
  Pool::Loan table_;
  Rows rows_;
};

}  // namespace winnow
