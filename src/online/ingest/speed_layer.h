// SpeedLayer: the consumer of the event log. Each event becomes part of its user's state, of its item's
// statistics, of what goes together and, soon after, of the published trends.
//
// - Deterministic: the state is a function of the log and the catalogue alone, so replay() over the whole log
// ends in the
//   same bytes as having consumed it live.
// - An event that cannot be applied is tried kTries times and then laid into the dead-letter log; the stream
// goes on.
//   A dependency that is down is another matter: the stream waits and tries again, and loses nothing.
// - Thread-safe; one mutex makes it one writer. Lock order: SpeedLayer, then ItemTable.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/published.h"
#include "catalog/catalog.h"
#include "catalog/item_table.h"
#include "domain/feedback.h"
#include "events/event_log.h"
#include "features/apply_event.h"
#include "features/feature_store.h"
#include "online/ingest/aggregates.h"
#include "online/ingest/trend_builder.h"
#include "online/query/profile_cache.h"

namespace winnow {

struct SpeedOptions {
  UserStateOptions user;
  ItemStatisticsOptions items;
  CoOccurrenceOptions co_occurrence;
  TrendOptions trends;
  bool create_missing_items = true;     // an event about an unknown item makes a bare catalogue entry
  TimestampMs trend_interval_ms = 500;  // at least this long between two versions of the trends
  TimestampMs checkpoint_interval_ms = 1000;
  bool persist = true;  // false: a reader beside a running server; derives in memory, writes nothing
};

class SpeedLayer final {
 public:
  static constexpr std::uint32_t kTries = 3;
  static constexpr std::size_t kBatch = 8192;

  // The ports outlive the layer.
  struct Parts {
    Catalog& catalog;
    ItemTable& table;
    const EventLog& log;
    DeadLetterLog& dead_letters;
    FeatureStore& features;
    const ProfileCache& profiles;
    const Clock& clock;
  };
  SpeedLayer(Parts parts, FeedbackPolicy feedback, SpeedOptions options);

  // Goes on from the last checkpoint. Call once, first.
  Status restore() WINNOW_EXCLUDES(mutex_);

  // Reads and applies one batch from the log; returns how many events it was, 0 at the log's end. Publishes
  // trends and writes a checkpoint when they are due.
  Result<std::size_t> consume() WINNOW_EXCLUDES(mutex_);

  // Publishes the trends and writes a checkpoint now.
  Status flush() WINNOW_EXCLUDES(mutex_);

  // Forgets all derived state and derives it again from the log. `progress` gets positions done and in all.
  Status replay(const std::function<void(LogPosition, LogPosition)>& progress = {}) WINNOW_EXCLUDES(mutex_);

  // Applies every dead letter once more; those that succeed leave the dead-letter log. Returns how many did.
  Result<std::uint64_t> replay_dead_letters() WINNOW_EXCLUDES(mutex_);

  // Removes a subject: `erase_log` removes its events while the layer holds still, so that none is applied
  // after. The subject's part in the aggregates is taken out too. O(the subject's events).
  Result<bool> erase(std::string_view subject, const std::function<Status()>& erase_log)
      WINNOW_EXCLUDES(mutex_);

  LogPosition position() const { return position_.load(std::memory_order_acquire); }
  std::shared_ptr<const Trends> trends() const { return trends_.pin(); }
  const CoOccurrence& co_occurrence() const { return co_occurrence_; }

  // For tests of determinism.
  std::string encoded_aggregates() const WINNOW_EXCLUDES(mutex_);

  const FeedbackPolicy& feedback() const { return feedback_; }

 private:
  // What a batch changes, kept aside until nothing can fail any more, so that a batch that fails changes
  // nothing.
  struct Working {
    std::unordered_map<std::string, std::shared_ptr<UserState>> users;
    std::vector<ItemEvent> item_events;
    std::vector<Visit> visits;
  };

  Result<std::size_t> consume_locked() WINNOW_REQUIRES(mutex_);
  Status apply_batch(std::span<const LogRecord> records) WINNOW_REQUIRES(mutex_);
  Status apply_record(const LogRecord& record, const ItemSnapshot& items, Working& working) const;
  Status create_missing(std::span<const LogRecord> records) WINNOW_REQUIRES(mutex_);
  Result<std::shared_ptr<UserState>> working_state(const std::string& subject, Working& working) const;
  Status commit(Working& working) WINNOW_REQUIRES(mutex_);
  Status take_out(std::string_view subject) WINNOW_REQUIRES(mutex_);
  Status tick(bool now) WINNOW_REQUIRES(mutex_);
  NameKey country_of(const Event& event) const;

  Parts parts_;
  FeedbackPolicy feedback_;
  SpeedOptions options_;

  mutable Mutex mutex_;
  Aggregates aggregates_ WINNOW_GUARDED_BY(mutex_);
  const CoOccurrence& co_occurrence_;  // the one of aggregates_, for readers, who need no lock
  double next_trends_s_ WINNOW_GUARDED_BY(mutex_) = 0;
  double next_checkpoint_s_ WINNOW_GUARDED_BY(mutex_) = 0;
  LogPosition checkpointed_ WINNOW_GUARDED_BY(mutex_) = 0;
  LogPosition trends_position_ WINNOW_GUARDED_BY(mutex_) = 0;
  const ItemSnapshot* trends_items_ WINNOW_GUARDED_BY(mutex_) = nullptr;  // compared only
  std::atomic<LogPosition> position_{0};
  Published<Trends> trends_;
};

}  // namespace winnow
