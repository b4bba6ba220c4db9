// EmbeddedEventLog: the event log in the site's store. Format: docs/formats/event_log.md.
//
// One thread commits. Whatever has been queued since its last commit becomes one write with one sync: events
// get their positions, are grouped by partition into batches, and a subject index entry is kept for each
// subject of a batch. So an import of large batches costs a few writes per thousands of events, and many
// small requests share a sync. Position 0 is never given.
//
// Lock order: maintenance_mutex_, commit_mutex_, then queue_mutex_ or state_mutex_ (never both).
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/embedded/log_values.h"
#include "adapters/embedded/store.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "events/dedup_window.h"
#include "events/event_log.h"

namespace winnow {

class EmbeddedEventLog final : public EventLog {
 public:
  // The store and the clock outlive the log. The number of partitions is fixed when the log is made: of an
  // existing one, options.partitions is ignored. O(deduplication window).
  static Result<std::unique_ptr<EmbeddedEventLog>> open(Store& store, EventLogOptions options,
                                                        const Clock& clock);
  // Commits what is queued, then ends.
  ~EmbeddedEventLog() override;

  Result<std::vector<AppendOutcome>> append(std::vector<Event> events) override;
  Result<std::vector<AppendOutcome>> append(std::vector<Event> events, Marker marker) override;
  Result<std::string> marker(std::string_view name) const override;
  // rate_limited at once when more than kMaxQueuedEvents wait.
  void append_async(std::vector<Event> events, AppendDone done) override;
  Result<std::vector<LogRecord>> read(LogPosition from, std::size_t limit) const override;
  Result<std::vector<LogRecord>> read_partition(std::uint32_t partition, LogPosition from,
                                                std::size_t limit) const override;
  std::uint32_t partitions() const override { return settings_.partitions; }
  Result<EventPage> read_subject(std::string_view subject, LogPosition before,
                                 std::size_t limit) const override;
  bool wait_beyond(LogPosition position, TimestampMs timeout_ms) const override;
  Result<std::uint64_t> erase_subject(std::string_view subject) override;
  Result<std::uint64_t> enforce_retention(TimestampMs now_ms) override;
  LogStatistics statistics() const override;

  static constexpr std::size_t kMaxQueuedEvents = 1'000'000;

 private:
  struct Request {
    std::vector<Event> events;
    std::optional<Marker> marker;
    AppendDone done;
  };

  EmbeddedEventLog(Store& store, EventLogOptions options, const Clock& clock);
  Status load_settings();
  // Reads again what commits build on: the state and the known event ids.
  Status load(const std::shared_ptr<const StoreEngine>& engine) WINNOW_REQUIRES(commit_mutex_);
  // Lets readers see what this state covers.
  void publish(const LogState& state) WINNOW_EXCLUDES(state_mutex_);

  void enqueue(Request request);
  void run();
  void commit(std::vector<Request> requests);
  using Outcomes = std::vector<std::vector<AppendOutcome>>;
  Result<Outcomes> try_commit(std::vector<Request>& requests) WINNOW_REQUIRES(commit_mutex_);

  Result<LogState> durable_state(const StoreEngine& engine) const;
  Result<std::vector<LogRecord>> merge(std::uint32_t first_partition, std::uint32_t end_partition,
                                       LogPosition from, std::size_t limit) const;
  Result<std::uint64_t> erase_from(std::string_view subject, std::span<const LogPosition> batches);
  Status forget(const Hash128& subject, LogPosition through);
  Result<std::uint64_t> drop_some(std::uint16_t partition, TimestampMs arrived_before);
  Status write_removal(const StoreEngine& engine, rocksdb::WriteBatch& batch, const LogState& state)
      WINNOW_REQUIRES(commit_mutex_);
  std::uint16_t partition_of(const Hash128& subject) const {
    return static_cast<std::uint16_t>(subject.high % settings_.partitions);
  }

  Store& store_;
  const EventLogOptions options_;
  const Clock& clock_;
  LogSettings settings_;

  Mutex maintenance_mutex_;  // one erasure or retention at a time
  Mutex commit_mutex_;
  DedupWindow window_ WINNOW_GUARDED_BY(commit_mutex_);
  LogState state_ WINNOW_GUARDED_BY(commit_mutex_);
  std::vector<LogPosition> expired_
      WINNOW_GUARDED_BY(commit_mutex_);  // identities to delete with the next commit
  std::uint64_t generation_ WINNOW_GUARDED_BY(commit_mutex_) = 0;

  Mutex queue_mutex_;
  std::condition_variable queued_;
  std::deque<Request> queue_ WINNOW_GUARDED_BY(queue_mutex_);
  std::size_t queued_events_ WINNOW_GUARDED_BY(queue_mutex_) = 0;
  bool stopping_ WINNOW_GUARDED_BY(queue_mutex_) = false;

  // What is durable, and so may be read.
  mutable Mutex state_mutex_;
  mutable std::condition_variable committed_;
  LogState durable_ WINNOW_GUARDED_BY(state_mutex_);

  std::thread thread_;
};

}  // namespace winnow
