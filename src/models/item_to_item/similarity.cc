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
  for (std::size_t h = 0; h < lists.size(); ++h) {
    if (h + 1 < lists.size()) prefetch(lists[h + 1]);
    for (const ScoredRow& neighbour : lists[h]) {
      const float share = weights[h] * neighbour.score;
      if (!(share > 0)) continue;  // what is not a number too
      Entry& entry = entry_of(neighbour.item);
      entry.score += share;
      entry.best = share > entry.best_share ? static_cast<int>(h) : entry.best;
      entry.best_share = std::max(share, entry.best_share);
    }
  }
}

void Similarity::make_room(std::size_t most) {
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(16, std::min(items_, 2 * most)));
  table_->size = 0;
  if (table_->entries.size() <= most) table_->entries.resize(most + 1);
  table_->slots.assign(slots, 0);
  if (slots >= items_) {
    multiplier_ = 1;
    shift_ = 0;
  } else {
    multiplier_ = 0x9E3779B1u;  // Fibonacci hashing (Knuth, TAOCP 3, 6.4): the upper bits count
    shift_ = 32u - static_cast<unsigned>(std::countr_zero(slots));
  }
}

std::uint32_t& Similarity::slot_of(std::uint32_t row) const {
  std::vector<std::uint32_t>& slots = table_->slots;
  std::size_t at = row * multiplier_ >> shift_;
  while (slots[at] != 0 && table_->entries[slots[at] - 1].row != row) at = (at + 1) & (slots.size() - 1);
  return slots[at];
}

// Without a branch on whether the row is new, which nobody could foretell: the entry behind the last is made
// ready for it either way.
Similarity::Entry& Similarity::entry_of(std::uint32_t row) {
  std::uint32_t& slot = slot_of(row);
  Entry* const entries = table_->entries.data();
  entries[table_->size] = {.row = row};
  const bool is_new = slot == 0;
  slot = is_new ? static_cast<std::uint32_t>(table_->size + 1) : slot;
  table_->size += is_new ? 1 : 0;
  return entries[slot - 1];
}

void Similarity::add(std::uint32_t row, float share) {
  // Half of the slots stay free, unless every row has its own.
  const bool is_dense = multiplier_ != 1 && 2 * (table_->size + 1) > table_->slots.size();
  if (is_dense || table_->size + 1 >= table_->entries.size()) {
    const std::vector<Entry> kept(entries().begin(), entries().end());
    make_room(2 * kept.size() + 1);
    for (const Entry& entry : kept) entry_of(entry.row) = entry;
  }
  entry_of(row).score += share;
}

}  // namespace winnow
