#include "models/item_to_item/similarity.h"

namespace winnow {

Similarity::Similarity(Pool& pool, const ItemToItemModel& model, std::span<const HistoryEntry> history)
    : model_(model), history_(history), weights_(model.entry_weights(history)), arrays_(pool.take()) {
  if (arrays_->scores.size() < model.items()) {
    arrays_->scores.resize(model.items());
    arrays_->entry.resize(model.items());
  }
  for (std::size_t h = 0; h < history.size(); ++h) {
    if (history[h].item >= model.items()) continue;
    arrays_->entry[history[h].item] = static_cast<std::uint32_t>(h + 1);
    for (const ScoredRow& neighbour : model.neighbours(history[h].item)) {
      const float share = weights_[h] * neighbour.score;
      if (share > 0) add(neighbour.item, share);  // also keeps what is not a number out
    }
  }
}

Similarity::~Similarity() {
  for (const std::uint32_t row : arrays_->touched) arrays_->scores[row] = 0;
  for (const HistoryEntry& entry : history_) {
    if (entry.item < model_.items()) arrays_->entry[entry.item] = 0;
  }
  arrays_->touched.clear();
}

void Similarity::add(std::uint32_t row, float share) {
  float& score = arrays_->scores[row];
  if (score == 0) arrays_->touched.push_back(row);
  score += share;
}

int Similarity::strongest(std::uint32_t row) const {
  int best = -1;
  float best_share = 0;
  for (const ScoredRow& neighbour : model_.neighbours(row)) {
    const std::uint32_t entry = arrays_->entry[neighbour.item];
    if (entry == 0) continue;
    const float share = weights_[entry - 1] * neighbour.score;
    if (share > best_share) {
      best_share = share;
      best = static_cast<int>(entry - 1);
    }
  }
  return best >= 0 ? best : model_.strongest(history_, row);
}

}  // namespace winnow
