#include "models/item_to_item/similarity.h"

#include <utility>

namespace winnow {

std::vector<std::unique_ptr<Similarity::Arrays>>& Similarity::spare() {
  thread_local std::vector<std::unique_ptr<Arrays>> arrays;
  return arrays;
}

Similarity::Similarity(const ItemToItemModel& model, std::span<const HistoryEntry> history) {
  if (spare().empty()) {
    arrays_ = std::make_unique<Arrays>();
  } else {
    arrays_ = std::move(spare().back());
    spare().pop_back();
  }
  if (arrays_->cells.size() < model.items()) arrays_->cells.resize(model.items());
  const std::vector<float> weights = model.entry_weights(history);
  for (std::uint32_t h = 0; h < history.size(); ++h) {
    if (history[h].item >= model.items()) continue;
    for (const ScoredRow& neighbour : model.neighbours(history[h].item)) {
      const float share = weights[h] * neighbour.score;
      if (!(share > 0)) continue;  // also keeps what is not a number out
      Cell& cell = arrays_->cells[neighbour.item];
      if (cell.score == 0) arrays_->touched.push_back(neighbour.item);
      cell.score += share;
      if (share > cell.best) {
        cell.best = share;
        cell.strongest = h;
      }
    }
  }
}

Similarity::~Similarity() {
  for (const std::uint32_t row : arrays_->touched) arrays_->cells[row] = {};
  arrays_->touched.clear();
  spare().push_back(std::move(arrays_));
}

}  // namespace winnow
