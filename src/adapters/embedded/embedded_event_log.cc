// Opening, queueing and committing. Reading and erasing have files of their own.
#include "adapters/embedded/embedded_event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <random>
#include <utility>

#include "adapters/embedded/commit_builder.h"
#include "adapters/embedded/store_engine.h"

namespace winnow {

namespace {

// A commit takes no more than this from the queue, so that one sync never waits for an endless write.
constexpr std::size_t kCommitEvents = 50'000;

Hash128 subject_hash(const Event& event) {
  return event.user_id.empty() ? hash128(subject_of(event)) : hash128(event.user_id);
}

}  // namespace

EmbeddedEventLog::EmbeddedEventLog(Store& store, EventLogOptions options, const Clock& clock)
    : store_(store),
      options_(options),
      clock_(clock),
      window_({options.dedup_window_ms, options.dedup_max_events}) {}

Result<std::unique_ptr<EmbeddedEventLog>> EmbeddedEventLog::open(Store& store, EventLogOptions options,
                                                                 const Clock& clock) {
  std::unique_ptr<EmbeddedEventLog> log(new EmbeddedEventLog(store, options, clock));
  WINNOW_RETURN_IF_ERROR(log->load_settings());
  if (store.read_only()) return log;
  {
    WINNOW_TRY(const auto engine, store.pin());
    MutexLock lock(log->commit_mutex_);
    WINNOW_RETURN_IF_ERROR(log->load(engine));
  }
  log->thread_ = std::thread([raw = log.get()] { raw->run(); });
  return log;
}

EmbeddedEventLog::~EmbeddedEventLog() {
  {
    MutexLock lock(queue_mutex_);
    stopping_ = true;
  }
  queued_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status EmbeddedEventLog::load_settings() {
  {
    WINNOW_TRY(const auto engine, store_.pin());
    WINNOW_TRY(const auto stored, engine->get(Column::meta, kLogSettingsKey));
    if (stored) {
      WINNOW_TRY(settings_, LogSettings::decode(*stored));
      return {};
    }
  }
  if (options_.partitions < 1 || options_.partitions > 65536) {
    return Error{ErrorCode::invalid,
                 fmt::format("partitions is {}: give a number from 1 to 65536", options_.partitions),
                 "partitions"};
  }
  settings_.partitions = options_.partitions;
  if (store_.read_only()) return {};  // nothing is stored yet, nothing will be read
  // The salt only keeps apart the ids that different stores give; no answer depends on it.
  std::random_device entropy;
  settings_.salt = (static_cast<std::uint64_t>(entropy()) << 32) | entropy();
  WINNOW_TRY(const auto engine, store_.writer());
  rocksdb::WriteBatch batch;
  batch.Put(engine->column(Column::meta), slice(kLogSettingsKey), settings_.encode());
  return store_.write(*engine, batch, Store::Durability::durable);
}

Status EmbeddedEventLog::load(const std::shared_ptr<const StoreEngine>& engine) {
  WINNOW_TRY(const auto stored, engine->get(Column::meta, kLogStateKey));
  LogState state;
  if (stored) {
    WINNOW_TRY(state, LogState::decode(*stored));
  }
  DedupWindow window({options_.dedup_window_ms, options_.dedup_max_events});
  KeyWalk walk(engine, Column::identities);
  for (walk.to_first(); walk.valid(); walk.next()) {
    WINNOW_TRY(const CommitIdentities commit, CommitIdentities::decode(walk.value()));
    for (const Hash128& identity : commit.identities) window.add(identity);
    window.commit(read_big_endian<LogPosition>(walk.key()), commit.received_ms);
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  publish(state);
  window_ = std::move(window);
  state.next = std::max(state.next, state_.next);  // positions of a failed commit are not given again
  state_ = state;
  expired_.clear();
  generation_ = engine->generation();
  return {};
}

void EmbeddedEventLog::publish(const LogState& state) {
  {
    MutexLock lock(state_mutex_);
    durable_ = state;
  }
  committed_.notify_all();
}

Result<std::vector<AppendOutcome>> EmbeddedEventLog::append(std::vector<Event> events) {
  std::promise<Result<std::vector<AppendOutcome>>> promise;
  auto answer = promise.get_future();
  enqueue({std::move(events), std::nullopt, [&](auto result) { promise.set_value(std::move(result)); }});
  return answer.get();
}

Result<std::vector<AppendOutcome>> EmbeddedEventLog::append(std::vector<Event> events, Marker marker) {
  std::promise<Result<std::vector<AppendOutcome>>> promise;
  auto answer = promise.get_future();
  enqueue({std::move(events), std::move(marker), [&](auto result) { promise.set_value(std::move(result)); }});
  return answer.get();
}

void EmbeddedEventLog::append_async(std::vector<Event> events, AppendDone done) {
  enqueue({std::move(events), std::nullopt, std::move(done)});
}

Result<std::string> EmbeddedEventLog::marker(std::string_view name) const {
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(auto value, engine->get(Column::meta, std::string(kMarkerPrefix) + std::string(name)));
  return std::move(value).value_or("");
}

void EmbeddedEventLog::enqueue(Request request) {
  if (store_.read_only()) {
    request.done(
        Error{ErrorCode::conflict,
              fmt::format("the store {} is open for reading only: send events to the process that writes to "
                          "it",
                          store_.directory().string())});
    return;
  }
  std::size_t waiting = 0;
  {
    MutexLock lock(queue_mutex_);
    waiting = queued_events_;
    // A call larger than the limit is let through alone, or it could never be made.
    if (waiting == 0 || waiting + request.events.size() <= kMaxQueuedEvents) {
      queued_events_ += request.events.size();
      queue_.push_back(std::move(request));
      queued_.notify_one();
      return;
    }
  }
  request.done(
      Error{ErrorCode::rate_limited,
            fmt::format("{} events wait for the disk already: send this again in a second", waiting)});
}

void EmbeddedEventLog::run() {
  for (;;) {
    std::vector<Request> requests;
    {
      MutexLock lock(queue_mutex_);
      while (queue_.empty() && !stopping_) lock.wait(queued_);
      if (queue_.empty()) return;
      std::size_t events = 0;
      while (!queue_.empty() &&
             (requests.empty() || events + queue_.front().events.size() <= kCommitEvents)) {
        events += queue_.front().events.size();
        requests.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      queued_events_ -= events;
    }
    commit(std::move(requests));
  }
}

void EmbeddedEventLog::commit(std::vector<Request> requests) {
  Result<Outcomes> outcomes = Outcomes();
  {
    MutexLock lock(commit_mutex_);
    outcomes = try_commit(requests);
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (outcomes.ok()) {
      requests[i].done(std::move((*outcomes)[i]));
    } else {
      requests[i].done(outcomes.error());
    }
  }
}

Result<EmbeddedEventLog::Outcomes> EmbeddedEventLog::try_commit(std::vector<Request>& requests) {
  WINNOW_TRY(const auto engine, store_.writer());
  if (engine->generation() != generation_) {
    WINNOW_RETURN_IF_ERROR(load(engine));
  }

  LogState state = state_;
  state.received_ms = std::max(clock_.now_ms(), state.received_ms);
  const auto expired = window_.expire(state.received_ms);
  expired_.insert(expired_.end(), expired.begin(), expired.end());

  std::size_t count = 0;
  for (const Request& request : requests) count += request.events.size();
  CommitBuilder builder(*engine, {settings_.partitions, state.next, state.received_ms, count});
  CommitIdentities known{state.received_ms, {}};
  Outcomes outcomes(requests.size());
  std::vector<Hash128> identities;
  for (std::size_t r = 0; r < requests.size(); ++r) {
    std::vector<Event>& events = requests[r].events;
    // All identities first, so that the window's memory is on its way before it is needed. An id that the log
    // gives is the one of the position that the event gets unless a duplicate stands before it.
    identities.clear();
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::string& id = events[i].event_id;
      identities.push_back(hash128(id.empty() ? given_event_id(state.next + i, settings_.salt) : id));
    }
    window_.prefetch(identities);
    outcomes[r].reserve(events.size());
    const LogPosition expected = state.next;
    for (std::size_t i = 0; i < events.size(); ++i) {
      Event& event = events[i];
      if (event.event_id.empty()) {
        event.event_id = given_event_id(state.next, settings_.salt);
        if (state.next != expected + i) identities[i] = hash128(event.event_id);
      }
      if (!window_.add(identities[i])) {
        outcomes[r].push_back({AppendOutcome::Kind::duplicate, 0, std::move(event.event_id)});
        continue;
      }
      const LogPosition position = state.next++;
      const Hash128 subject = subject_hash(event);
      builder.add(position, partition_of(subject), subject, event);
      known.identities.push_back(identities[i]);
      outcomes[r].push_back({AppendOutcome::Kind::stored, position, std::move(event.event_id)});
    }
  }

  rocksdb::WriteBatch& batch = builder.finish();
  bool markers = false;
  for (Request& request : requests) {
    if (!request.marker) continue;
    markers = true;
    batch.Put(engine->column(Column::meta), std::string(kMarkerPrefix) + request.marker->name,
              request.marker->value);
  }
  const LogPosition first = state_.next;
  const std::size_t stored = known.identities.size();
  if (stored == 0 && !markers) return outcomes;
  if (stored > 0) {
    batch.Put(engine->column(Column::identities), number_key(first), known.encode());
    for (const LogPosition key : expired_) batch.Delete(engine->column(Column::identities), number_key(key));
    state.events += stored;
    state.bytes += builder.stored_bytes();
    batch.Put(engine->column(Column::meta), slice(kLogStateKey), state.encode());
  }
  if (Status written = store_.write(*engine, batch, Store::Durability::durable); !written.ok()) {
    window_.roll_back();
    state_.next = state.next;
    return written.error();
  }
  if (stored > 0) {
    window_.commit(first, state.received_ms);
    expired_.clear();
    state_ = state;
    publish(state);
  }
  return outcomes;
}

}  // namespace winnow
