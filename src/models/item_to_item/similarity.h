// Similarity: one user's accumulated similarities, by item row, with the history entry that speaks most for
// each.
//
// Dense arrays give O(1) look-ups; clearing only what was touched makes a request O(history x neighbours)
// however large the catalogue is. The arrays are borrowed from the thread for as long as the value lives, so
// that a request neither allocates nor clears them as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/item_to_item/item_to_item.h"

namespace winnow {

class Similarity final {
 public:
  Similarity(const ItemToItemModel& model, std::span<const HistoryEntry> history);
  ~Similarity();
  Similarity(const Similarity&) = delete;
  Similarity& operator=(const Similarity&) = delete;

  // Rows with a similarity, each once, in no order.
  std::span<const std::uint32_t> touched() const { return arrays_->touched; }
  // 0 where there is none. row < items of the model.
  float score(std::uint32_t row) const { return arrays_->cells[row].score; }
  // Index into the history; meaningful where score is not 0.
  std::uint32_t strongest(std::uint32_t row) const { return arrays_->cells[row].strongest; }

 private:
  struct Cell {
    float score = 0;
    float best = 0;  // of a single entry
    std::uint32_t strongest = 0;
  };
  struct Arrays {
    std::vector<Cell> cells;  // all zero between two uses
    std::vector<std::uint32_t> touched;
  };
  static std::vector<std::unique_ptr<Arrays>>& spare();

  std::unique_ptr<Arrays> arrays_;
};

}  // namespace winnow
