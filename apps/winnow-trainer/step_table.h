// The item rows of one step, and the step's items as rows of that table.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "batches.h"

namespace winnow {

class StepTable final {
 public:
  // All `items`, for the full softmax: row k is item k.
  static StepTable of_all(std::uint32_t items) {
    StepTable table;
    for (std::uint32_t item = 0; item < items; ++item) table.items_.push_back(item);
    table.all_ = true;
    return table;
  }
  // The items of all workers' batches and the negatives, ascending, each once.
  static StepTable of(std::span<const Batch> batches, std::span<const std::int64_t> negatives) {
    StepTable table;
    table.items_.assign(negatives.begin(), negatives.end());
    for (const Batch& batch : batches) {
      table.items_.insert(table.items_.end(), batch.items.begin(), batch.items.end());
      table.items_.insert(table.items_.end(), batch.targets.begin(), batch.targets.end());
    }
    std::ranges::sort(table.items_);
    table.items_.erase(std::ranges::unique(table.items_).begin(), table.items_.end());
    return table;
  }

  std::span<const std::int64_t> items() const { return items_; }

  // Items -> rows of this table; all of them are in it. O(n log items).
  void to_rows(std::vector<std::int64_t>& items) const {
    if (all_) return;
    for (std::int64_t& item : items) item = std::ranges::lower_bound(items_, item) - items_.begin();
  }

 private:
  std::vector<std::int64_t> items_;
  bool all_ = false;
};

}  // namespace winnow
