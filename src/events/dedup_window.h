// DedupWindow: which event ids the log has stored lately, as 128-bit identities.
//
// A ring holds the identities in order of arrival, an open-addressing table of ring slots finds them.
// Identities come and go by commit: what one commit adds is kept or forgotten as a whole. A commit leaves the
// window when it is older than the age, or when the newer commits alone fill the number. So at least the
// newest `max_events` within the age are known, and at most one commit more. Memory: 16 bytes of identity and
// 8 of table for each slot of the ring, which grows by doubling. Not thread-safe: the log's committing thread
// owns it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "domain/event.h"

namespace winnow {

class DedupWindow final {
 public:
  struct Options {
    TimestampMs window_ms = 0;
    std::size_t max_events = 0;
  };
  explicit DedupWindow(Options options);

  bool contains(const Hash128& identity) const { return find(identity).has_value(); }
  // Brings what add will look at close to the processor, all at once instead of one after the other.
  void prefetch(std::span<const Hash128> identities) const;

  // Into the open commit; false when the window, or the open commit, has it already. O(1).
  bool add(const Hash128& identity);
  // Closes the open commit under its key: the position of its first event.
  void commit(LogPosition key, TimestampMs received_ms);
  // Forgets what was added since the last commit.
  void roll_back();

  // Drops the commits that have left the window, and returns their keys.
  std::vector<LogPosition> expire(TimestampMs now_ms);

  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

 private:
  struct Commit {
    LogPosition key;
    TimestampMs received_ms;
    std::uint64_t count;
  };

  std::size_t home(const Hash128& identity) const { return identity.low & (table_.size() - 1); }
  const Hash128& at(std::uint32_t slot) const { return ring_[slot - 1]; }
  std::uint32_t slot_of(std::uint64_t sequence) const {
    return static_cast<std::uint32_t>(sequence & (ring_.size() - 1)) + 1;
  }
  std::optional<std::size_t> find(const Hash128& identity) const;
  void insert_slot(std::uint32_t slot);
  void remove(std::uint64_t sequence);
  void grow();

  Options options_;
  std::vector<Hash128> ring_;         // a power of two
  std::vector<std::uint32_t> table_;  // twice the ring; 0 is empty, else ring slot + 1
  std::uint64_t begin_ = 0;           // sequence numbers of identities: [begin_, end_) are known
  std::uint64_t end_ = 0;
  std::uint64_t committed_ = 0;  // [committed_, end_) belong to the open commit
  std::deque<Commit> commits_;
};

}  // namespace winnow
