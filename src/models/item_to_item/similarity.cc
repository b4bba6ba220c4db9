#include "models/item_to_item/similarity.h"

#include <algorithm>

namespace winnow {
namespace {

// So much of the next list is fetched while one is read: the processor finds the rest by itself.
constexpr std::size_t kPrefetchedNeighbours = 24;

void prefetch(std::span<const ScoredRow> list) {
  const std::size_t size = std::min(list.size(), kPrefetchedNeighbours);
  for (std::size_t i = 0; i < size; i += 8) __builtin_prefetch(&list[i]);
}

}  // namespace

Similarity::Similarity(Pool& pool, const ItemToItemModel& model, std::span<const HistoryEntry> history)
    : items_(model.items()), table_(pool.take()) {
  const std::vector<float> weights = model.entry_weights(history);
  std::vector<std::span<const ScoredRow>> lists(history.size());
  std::size_t neighbours = 0;
  for (std::size_t h = 0; h < history.size(); ++h) {
    if (history[h].item < items_) lists[h] = model.neighbours(history[h].item);
    neighbours += lists[h].size();
  }
  make_room(std::min(neighbours, items_));
  Rows rows = rows_;  // a copy, which stays in registers
  for (std::size_t h = 0; h < lists.size(); ++h) {
    if (h + 1 < lists.size()) prefetch(lists[h + 1]);
    for (const ScoredRow& neighbour : lists[h]) {
      const float share = weights[h] * neighbour.score;
      if (!(share > 0)) continue;  // what is not a number too
      Entry& entry = rows.entry_of(neighbour.item);
      entry.score += share;
      entry.best = share > entry.best_share ? static_cast<int>(h) : entry.best;
      entry.best_share = std::max(share, entry.best_share);
    }
  }
  rows_ = rows;
}

void Similarity::make_room(std::size_t most) {
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(16, std::min(items_, 2 * most)));
  if (table_->entries.size() <= most) table_->entries.resize(most + 1);
  table_->slots.assign(slots, 0);
  rows_ = {.entries = table_->entries.data(), .slots = table_->slots.data(), .last_slot = slots - 1};
  if (slots < items_) {
    rows_.multiplier = 0x9E3779B1u;  // Fibonacci hashing (Knuth, TAOCP 3, 6.4): the upper bits count
    rows_.shift = 32u - static_cast<unsigned>(std::countr_zero(slots));
  }
}

void Similarity::add(std::uint32_t row, float share) {
  // Half of the slots stay free, unless every row has its own.
  const bool is_dense = rows_.multiplier != 1 && 2 * (rows_.size + 1) > table_->slots.size();
  if (is_dense || rows_.size + 1 >= table_->entries.size()) {
    const std::vector<Entry> kept(entries().begin(), entries().end());
    make_room(2 * kept.size() + 1);
    for (const Entry& entry : kept) rows_.entry_of(entry.row) = entry;
  }
  rows_.entry_of(row).score += share;
}

}  // namespace winnow
