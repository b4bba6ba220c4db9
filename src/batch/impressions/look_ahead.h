// LookAhead: reads a stream of events a little ahead, and gathers the impressions of one answer into a group
// that is due before any of them.
//
// Impressions with one recommendation_id form a group; without an id, those of one subject and session within
// group_gap_ms of the first. A group is due before the first buffered event of its subject that happened at
// or after its first impression, or that names its answer, by however slow a clock: whatever the order of
// arrival, the state at that moment knows nothing of what the user did with the items. Impressions that
// arrive further away than the look-ahead form a group of their own. Memory: kRecords records. What comes out
// depends on the records alone, and a look-ahead that was saved goes on as if it had never stopped.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "batch/impressions/event_stream.h"

namespace winnow {

struct ShownItem {
  std::string item_id;
  TimestampMs time_ms = 0;
  std::uint16_t place = 0;  // as the event says, else the order in the group; from 1
  bool explored = false;
};

struct ShownGroup {
  std::string subject;
  std::string session_id;
  std::string recommendation_id;  // empty: gathered by session and time
  std::string surface;
  TimestampMs time_ms = 0;       // of the first impression
  std::vector<ShownItem> items;  // each once, in order of arrival
};

class LookAhead final {
 public:
  static constexpr std::size_t kRecords = 8192;

  struct Step {
    std::vector<ShownGroup> groups;  // due now, before the record
    LogRecord record;
  };

  // group: whether impressions are gathered at all.
  LookAhead(EventStream& stream, TimestampMs group_gap_ms, bool group)
      : stream_(stream), group_gap_ms_(group_gap_ms), group_(group) {}

  // Called with every page of records as it is read, before any of its groups is due.
  using OnPage = std::function<void(std::span<const LogRecord>)>;
  // The next record of the stream; nothing at its end.
  Result<std::optional<Step>> next(const OnPage& on_page);

  // Records handed out so far.
  std::uint64_t taken() const { return taken_; }
  void save(ByteWriter& out) const;
  // Before anything was handed out, with a stream that stands behind the records taken by then.
  void restore(ByteReader& in);

 private:
  struct Pending;
  using Due = std::multimap<std::uint64_t, std::shared_ptr<Pending>>;
  struct Pending {
    ShownGroup group;
    Hash128 key;
    std::vector<std::uint64_t> numbers;  // of its impressions, counted from the stream's start
    std::uint64_t due = 0;               // the record before which the group is due
    Due::iterator place;
  };
  struct Moment {
    std::uint64_t number;
    TimestampMs time_ms;
    std::uint64_t answer;  // hash of the recommendation_id; 0 without one
  };

  Status fill(const OnPage& on_page);
  void take_in(const LogRecord& record, std::uint64_t number);
  void add_impression(const Event& event, const Hash128& subject, std::uint64_t number);
  std::uint64_t moment_of(const Hash128& subject, const Event& impression, std::uint64_t number) const;

  EventStream& stream_;
  const TimestampMs group_gap_ms_;
  const bool group_;
  bool ended_ = false;
  std::uint64_t taken_ = 0;
  std::uint64_t looked_at_ = 0;      // records up to here are in moments_ and open_
  std::set<std::uint64_t> claimed_;  // records not yet handed out whose group was
  std::deque<LogRecord> buffer_;
  std::unordered_map<Hash128, std::deque<Moment>> moments_;  // of the subjects' buffered events
  // Those not handed out, by id, or by subject and session, in order of opening. All of them, so that what an
  // impression joins depends on nothing that was handed out already: a look-ahead that goes on knows none of
  // that.
  std::unordered_map<Hash128, std::vector<std::shared_ptr<Pending>>> open_;
  Due due_;
};

}  // namespace winnow
