// Similarity: one user's accumulated similarities, by item row, with the history entry that speaks most for
// each.
//
// Dense arrays give O(1) look-ups; clearing only what was touched makes a request O(history x neighbours)
// however large the catalogue is. The arrays come from a pool and go back to it, so that a request neither
// allocates nor clears them as a whole.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/object_pool.h"
#include "models/item_to_item/item_to_item.h"

namespace winnow {

class Similarity final {
 private:
  struct Arrays {
    // Both all zero between two uses.
    std::vector<float> scores;
    std::vector<std::uint32_t> entry;  // of the history, counted from 1
    std::vector<std::uint32_t> touched;
  };

 public:
  using Pool = ObjectPool<Arrays>;

  // All outlive the value. history: each item once.
  Similarity(Pool& pool, const ItemToItemModel& model, std::span<const HistoryEntry> history);
  ~Similarity();
  Similarity(const Similarity&) = delete;
  Similarity& operator=(const Similarity&) = delete;

  // A similarity that the model does not know of; > 0. row < items of the model.
  void add(std::uint32_t row, float share);

  // Rows with a similarity, each once, in no order.
  std::span<const std::uint32_t> touched() const { return arrays_->touched; }
  // 0 where there is none. row < items of the model.
  float score(std::uint32_t row) const { return arrays_->scores[row]; }

  // The history entry that speaks most for the item, as an index into the history; -1 when none does. Looked
  // for among the item's own neighbours first, which is O(neighbours) and nearly always finds it, since
  // similarity goes both ways; else among the neighbours of all entries.
  int strongest(std::uint32_t row) const;

 private:
  const ItemToItemModel& model_;
  std::span<const HistoryEntry> history_;
  std::vector<float> weights_;  // of the history's entries
  Pool::Loan arrays_;
};

}  // namespace winnow
