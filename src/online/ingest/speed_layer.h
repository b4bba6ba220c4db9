// SpeedLayer: the consumer of the event log. Each event becomes part of its user's state, of its item's
// statistics and, soon after, of the published trends.
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
#include "features/feature_store.h"
#include "features/item_statistics.h"
#include "online/ingest/apply_event.h"
#include "online/ingest/trend_builder.h"
#include "online/query/profile_cache.h"

namespace winnow {

struct SpeedOptions {
  UserStateOptions user;
  ItemStatisticsOptions items;
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
  // after. The subject's part in the item statistics is taken out too.
  Result<bool> erase(std::string_view subject, const std::function<Status()>& erase_log)
      WINNOW_EXCLUDES(mutex_);

  LogPosition position() const { return position_.load(std::memory_order_acquire); }
  std::shared_ptr<const Trends> trends() const { return trends_.pin(); }

  // The statistics' bytes, for tests of determinism.
  std::string encoded_statistics() const WINNOW_EXCLUDES(mutex_);

  // What an event means, given its item; the request path uses it for a session's own events.
  ResolvedEvent resolve(const Event& event, ItemIndex item, const ItemView& view,
                        TimestampMs received_ms) const;
  const FeedbackPolicy& feedback() const { return feedback_; }

 private:
  // What a batch changes, kept aside until nothing can fail any more, so that a batch that fails changes
  // nothing.
  struct Working {
    std::unordered_map<std::string, std::shared_ptr<UserState>> users;
    std::vector<ItemEvent> item_events;
  };

  Result<std::size_t> consume_locked() WINNOW_REQUIRES(mutex_);
  Status apply_batch(std::span<const LogRecord> records) WINNOW_REQUIRES(mutex_);
  Status apply_record(const LogRecord& record, const ItemSnapshot& items, Working& working) const;
  Status create_missing(std::span<const LogRecord> records) WINNOW_REQUIRES(mutex_);
  Result<std::shared_ptr<UserState>> working_state(const std::string& subject, Working& working) const;
  Status commit(Working& working) WINNOW_REQUIRES(mutex_);
  Status tick(bool now) WINNOW_REQUIRES(mutex_);
  NameKey country_of(const Event& event) const;

  Parts parts_;
  FeedbackPolicy feedback_;
  SpeedOptions options_;

  mutable Mutex mutex_;
  ItemStatistics statistics_ WINNOW_GUARDED_BY(mutex_);
  double next_trends_s_ WINNOW_GUARDED_BY(mutex_) = 0;
  double next_checkpoint_s_ WINNOW_GUARDED_BY(mutex_) = 0;
  LogPosition checkpointed_ WINNOW_GUARDED_BY(mutex_) = 0;
  LogPosition trends_position_ WINNOW_GUARDED_BY(mutex_) = 0;
  const ItemSnapshot* trends_items_ WINNOW_GUARDED_BY(mutex_) = nullptr;  // compared only
  std::atomic<LogPosition> position_{0};
  Published<Trends> trends_;
};

}  // namespace winnow
