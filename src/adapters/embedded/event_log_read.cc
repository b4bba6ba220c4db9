// EmbeddedEventLog: reading.
//
// Readers see positions up to the last durable one, taken before the partitions are opened: a commit that
// lands in between shows in none of them, so no reader that remembers its position can step over an event.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/partition_reader.h"
#include "adapters/embedded/store_engine.h"
#include "adapters/embedded/subject_index.h"
#include "events/record_codec.h"

namespace winnow {

namespace {
// How often a reader beside the writing process looks whether there is more.
constexpr std::chrono::milliseconds kFollowEvery{20};
}  // namespace

Result<LogState> EmbeddedEventLog::durable_state(const StoreEngine& engine) const {
  LogState state;
  if (store_.read_only()) {
    WINNOW_TRY(const auto stored, engine.get(Column::meta, kLogStateKey));
    if (stored) return LogState::decode(*stored);
    return state;
  }
  MutexLock lock(state_mutex_);
  return durable_;
}

Result<std::vector<LogRecord>> EmbeddedEventLog::read(LogPosition from, std::size_t limit) const {
  return merge(0, settings_.partitions, from, limit);
}

Result<std::vector<LogRecord>> EmbeddedEventLog::read_partition(std::uint32_t partition, LogPosition from,
                                                                std::size_t limit) const {
  if (partition >= settings_.partitions) {
    return Error{ErrorCode::invalid,
                 "partition " + std::to_string(partition) + " does not exist: the log has " +
                     std::to_string(settings_.partitions),
                 "partition"};
  }
  return merge(partition, partition + 1, from, limit);
}

Result<std::vector<LogRecord>> EmbeddedEventLog::merge(std::uint32_t first_partition,
                                                       std::uint32_t end_partition, LogPosition from,
                                                       std::size_t limit) const {
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(const LogState state, durable_state(*engine));
  std::vector<LogRecord> records;
  if (limit == 0 || from >= state.next) return records;

  std::vector<std::unique_ptr<PartitionReader>>
      readers;  // those that have a record left, as a heap by position
  const auto later = [](const auto& a, const auto& b) { return a->position() > b->position(); };
  for (std::uint32_t partition = first_partition; partition < end_partition; ++partition) {
    auto reader = std::make_unique<PartitionReader>(engine, static_cast<std::uint16_t>(partition));
    WINNOW_RETURN_IF_ERROR(reader->seek(from));
    if (reader->valid()) readers.push_back(std::move(reader));
  }
  std::make_heap(readers.begin(), readers.end(), later);
  while (!readers.empty() && records.size() < limit) {
    std::pop_heap(readers.begin(), readers.end(), later);
    PartitionReader& reader = *readers.back();
    if (reader.position() >= state.next) break;
    WINNOW_TRY(LogRecord record, reader.record());
    records.push_back(std::move(record));
    WINNOW_RETURN_IF_ERROR(reader.next());
    if (reader.valid()) {
      std::push_heap(readers.begin(), readers.end(), later);
    } else {
      readers.pop_back();
    }
  }
  return records;
}

Result<EventPage> EmbeddedEventLog::read_subject(std::string_view subject, LogPosition before,
                                                 std::size_t limit) const {
  WINNOW_TRY(const auto engine, store_.pin());
  WINNOW_TRY(const LogState state, durable_state(*engine));
  if (before == 0 || before > state.next) before = state.next;
  EventPage page;
  if (limit == 0 || before <= 1) return page;

  const Hash128 hash = hash128(subject);
  const std::uint16_t partition = partition_of(hash);
  SubjectWalk walk(engine, hash);
  WINNOW_RETURN_IF_ERROR(walk.seek(before));
  // One more than asked for tells whether there is a next page.
  while (walk.valid() && page.records.size() <= limit) {
    const LogPosition first = walk.first();
    WINNOW_RETURN_IF_ERROR(walk.next());
    WINNOW_TRY(const auto bytes, engine->get(Column::events, batch_key(partition, first)));
    if (!bytes) continue;  // dropped or erased
    WINNOW_TRY(BatchReader batch, BatchReader::open(*bytes));
    std::vector<LogRecord> found;
    while (batch.next() && batch.position() < before) {
      if (!batch.belongs_to(subject)) continue;
      WINNOW_TRY(LogRecord record, batch.record());
      found.push_back(std::move(record));
    }
    std::move(found.rbegin(), found.rend(), std::back_inserter(page.records));
  }
  if (page.records.size() > limit) {
    page.records.resize(limit);
    page.next_before = page.records.back().position;
  }
  return page;
}

bool EmbeddedEventLog::wait_beyond(LogPosition position, TimestampMs timeout_ms) const {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(std::max<TimestampMs>(0, timeout_ms));
  for (;;) {
    if (store_.read_only()) {
      if (store_.catch_up().ok() && statistics().last > position) return true;
    }
    MutexLock lock(state_mutex_);
    if (!store_.read_only() && durable_.next > position + 1) return true;
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return false;
    auto pause =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now) + std::chrono::milliseconds(1);
    if (store_.read_only()) pause = std::min(pause, kFollowEvery);
    lock.wait_for(committed_, pause);
  }
}

LogStatistics EmbeddedEventLog::statistics() const {
  LogStatistics statistics;
  const auto engine = store_.pin();
  if (!engine.ok()) return statistics;
  const auto state = durable_state(**engine);
  if (!state.ok()) return statistics;
  statistics.events = state->events;
  statistics.bytes = state->bytes;
  statistics.last = state->next - 1;
  for (std::uint32_t partition = 0; partition < settings_.partitions && state->events > 0; ++partition) {
    PartitionReader reader(*engine, static_cast<std::uint16_t>(partition));
    if (!reader.seek(0).ok() || !reader.valid()) continue;
    if (statistics.first == 0 || reader.position() < statistics.first) statistics.first = reader.position();
  }
  return statistics;
}

}  // namespace winnow
