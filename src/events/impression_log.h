// ImpressionLog: what was shown, with the numbers that it was chosen by, so that models learn from what was
// served and not from what is worked out again later.
//
// - offer never waits: a full queue drops the impression and counts it. What was taken is stored soon after,
//   in batches, and survives this process; after a power loss the newest may be missing.
// - An answer (recommendation_id) is one impression; one that is offered again replaces the one before.
// - Retained by age and by bytes, the oldest going first.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/event.h"

namespace winnow {

struct ServedItem {
  ItemIndex item = kNoItem;
  std::uint16_t place = 0;    // from 1
  std::uint32_t sources = 0;  // a bit for each that brought it, in the order that the server names them
  float propensity = 1;       // probability of this place, in (0, 1]; 1: no exploration
  friend bool operator==(const ServedItem&, const ServedItem&) = default;
};

struct ServedImpression {
  std::string recommendation_id;
  std::string subject;  // subject_of
  std::string surface;
  std::string model_version;
  TimestampMs time_ms = 0;  // at least 0
  // Of the event log: what the features of the user and of items knew. A busy server applies events
  // meanwhile, so the user's state may know a few more.
  LogPosition state_position = 0;
  LogPosition items_position = 0;
  std::uint64_t schema = 0;  // schema_fingerprint of the features' names
  std::vector<ServedItem> items;
  std::vector<float> features;  // items x features, row-major

  // An item's row; empty where the item is none of these. O(items).
  std::span<const float> features_of(ItemIndex item) const;
  friend bool operator==(const ServedImpression&, const ServedImpression&) = default;
};

// Equal for equal names in equal order, in any process and release.
std::uint64_t schema_fingerprint(const std::vector<std::string>& features);

struct ImpressionLogOptions {
  TimestampMs retention_ms = 30 * kDayMs;  // by time_ms; 0: for ever
  std::uint64_t max_bytes = 4ull << 30;    // as encoded, before compression; 0: without limit
  std::size_t queue_bytes = 32ull << 20;   // waiting to be stored
  TimestampMs write_interval_ms = 200;     // between two batches while the queue is far from full
};

struct ImpressionLogStatistics {
  std::uint64_t impressions = 0;
  std::uint64_t bytes = 0;    // as encoded, before compression
  std::uint64_t dropped = 0;  // since the log was opened: the queue was full, or the store failed
  std::string last_error;     // of the store; empty when all went well
};

// One page in order of time.
struct ImpressionPage {
  std::vector<ServedImpression> impressions;
  std::string next_after;  // pass as `after` for the next page; empty when there is none
};

class ImpressionLog {
 public:
  virtual ~ImpressionLog() = default;

  // False when it was dropped.
  virtual bool offer(ServedImpression impression) = 0;
  // Waits until all that was taken so far can be read. Errors: what kept it from being stored.
  virtual Status flush() = 0;

  // Nothing when there is none of this answer.
  virtual Result<std::optional<ServedImpression>> find(std::string_view recommendation_id) const = 0;
  // Up to `limit`, the oldest first; after: empty for the first page.
  virtual Result<ImpressionPage> read(std::string_view after, std::size_t limit) const = 0;

  // Removes every impression of the subject, from disk too. Returns how many. O(the subject's impressions).
  virtual Result<std::uint64_t> erase_subject(std::string_view subject) = 0;
  // Drops what is older than the retention, and the oldest beyond max_bytes, at most so many at once. Returns
  // how many: fewer than `limit` when all is done.
  virtual Result<std::uint64_t> enforce_retention(TimestampMs now_ms, std::uint64_t limit) = 0;

  virtual ImpressionLogStatistics statistics() const = 0;
};

}  // namespace winnow
