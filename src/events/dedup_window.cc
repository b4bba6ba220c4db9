#include "events/dedup_window.h"

#include "base/check.h"

namespace winnow {

namespace {
constexpr std::size_t kFirstCapacity = 1024;
}

DedupWindow::DedupWindow(Options options)
    : options_(options), ring_(kFirstCapacity), table_(2 * kFirstCapacity, 0) {}

std::optional<std::size_t> DedupWindow::find(const Hash128& identity) const {
  for (std::size_t place = home(identity);; place = (place + 1) & (table_.size() - 1)) {
    if (table_[place] == 0) return std::nullopt;
    if (at(table_[place]) == identity) return place;
  }
}

void DedupWindow::insert_slot(std::uint32_t slot) {
  std::size_t place = home(at(slot));
  while (table_[place] != 0) place = (place + 1) & (table_.size() - 1);
  table_[place] = slot;
}

bool DedupWindow::add(const Hash128& identity) {
  if (find(identity)) return false;
  if (size() == ring_.size()) grow();
  const std::uint32_t slot = slot_of(end_);
  ring_[slot - 1] = identity;
  ++end_;
  insert_slot(slot);
  return true;
}

void DedupWindow::grow() {
  WINNOW_CHECK(ring_.size() < (1u << 31));
  std::vector<Hash128> larger(2 * ring_.size());
  for (std::uint64_t s = begin_; s < end_; ++s)
    larger[s & (larger.size() - 1)] = ring_[s & (ring_.size() - 1)];
  ring_ = std::move(larger);
  table_.assign(2 * ring_.size(), 0);
  constexpr std::uint64_t kAhead = 16;
  for (std::uint64_t s = begin_; s < end_; ++s) {
    __builtin_prefetch(&table_[home(ring_[(s + kAhead) & (ring_.size() - 1)])]);
    insert_slot(slot_of(s));
  }
}

void DedupWindow::prefetch(std::span<const Hash128> identities) const {
  for (const Hash128& identity : identities) __builtin_prefetch(&table_[home(identity)]);
  for (const Hash128& identity : identities) {
    if (const std::uint32_t slot = table_[home(identity)]; slot != 0) __builtin_prefetch(&at(slot));
  }
}

// Deletion by backward shift (Knuth 6.4, algorithm R): later entries of the run move up into the hole, so
// that no tombstones gather in a table that forgets as much as it learns.
void DedupWindow::remove(std::uint64_t sequence) {
  const std::size_t mask = table_.size() - 1;
  const auto found = find(ring_[sequence & (ring_.size() - 1)]);
  WINNOW_CHECK(found.has_value());
  std::size_t hole = *found;
  for (std::size_t place = (hole + 1) & mask; table_[place] != 0; place = (place + 1) & mask) {
    const std::size_t wanted = home(at(table_[place]));
    // An entry may move up to the hole unless its own place lies behind it.
    if (((place - wanted) & mask) >= ((place - hole) & mask)) {
      table_[hole] = table_[place];
      hole = place;
    }
  }
  table_[hole] = 0;
}

void DedupWindow::commit(LogPosition key, TimestampMs received_ms) {
  if (end_ == committed_) return;
  commits_.push_back({key, received_ms, end_ - committed_});
  committed_ = end_;
}

void DedupWindow::roll_back() {
  for (; end_ > committed_; --end_) remove(end_ - 1);
}

std::vector<LogPosition> DedupWindow::expire(TimestampMs now_ms) {
  std::vector<LogPosition> keys;
  while (!commits_.empty()) {
    const Commit& oldest = commits_.front();
    const bool old = oldest.received_ms < now_ms - options_.window_ms;
    const bool crowded_out = committed_ - begin_ - oldest.count >= options_.max_events;
    if (!old && !crowded_out) break;
    for (std::uint64_t i = 0; i < oldest.count; ++i) remove(begin_++);
    keys.push_back(oldest.key);
    commits_.pop_front();
  }
  return keys;
}

}  // namespace winnow
