// EmbeddedEventLog: erasing a subject, and retention.
//
// Both go in steps of some batches, each step one durable write under the commit lock, so that appends wait
// for one step at most, and an end in the middle leaves a whole log from which the rest can be erased by
// asking again.
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <utility>

#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/store_engine.h"
#include "adapters/embedded/subject_index.h"
#include "events/record_codec.h"

namespace winnow {

namespace {
constexpr std::size_t kBatchesAStep = 64;
}

Result<std::uint64_t> EmbeddedEventLog::erase_subject(std::string_view subject) {
  MutexLock one_at_a_time(maintenance_mutex_);
  const Hash128 hash = hash128(subject);
  std::vector<LogPosition> batches;
  {
    WINNOW_TRY(const auto engine, store_.writer());
    SubjectWalk walk(engine, hash);
    WINNOW_RETURN_IF_ERROR(walk.seek(~LogPosition{0}));
    while (walk.valid()) {
      batches.push_back(walk.first());
      WINNOW_RETURN_IF_ERROR(walk.next());
    }
  }
  std::uint64_t erased = 0;
  for (std::size_t at = 0; at < batches.size(); at += kBatchesAStep) {
    const std::size_t count = std::min(kBatchesAStep, batches.size() - at);
    WINNOW_TRY(const std::uint64_t some, erase_from(subject, std::span(batches).subspan(at, count)));
    erased += some;
  }
  const LogPosition oldest = batches.empty() ? 0 : batches.back();
  const LogPosition newest = batches.empty() ? ~LogPosition{0} : batches.front();
  // The index goes last: an erasure that is cut short is found again.
  if (!batches.empty()) WINNOW_RETURN_IF_ERROR(forget(hash, newest));
  // Also when nothing was found: an erasure that was cut short may have left its bytes in a file.
  const std::uint16_t partition = partition_of(hash);
  const SubjectIndexRange lists = lists_of(hash);
  const Store::Range touched[] = {
      {Column::events, batch_key(partition, oldest), batch_key(partition, newest)},
      {Column::subjects, hash_key(hash), subject_key(hash, ~LogPosition{0})},
      {Column::subject_lists, lists.first, lists.last}};
  WINNOW_RETURN_IF_ERROR(store_.scrub(touched));
  return erased;
}

// Takes the subject's records out of these batches; the others stay where they are.
Result<std::uint64_t> EmbeddedEventLog::erase_from(std::string_view subject,
                                                   std::span<const LogPosition> batches) {
  MutexLock lock(commit_mutex_);
  WINNOW_TRY(const auto engine, store_.writer());
  if (engine->generation() != generation_) WINNOW_RETURN_IF_ERROR(load(engine));
  const std::uint16_t partition = partition_of(hash128(subject));
  rocksdb::WriteBatch batch;
  LogState state = state_;
  std::uint64_t erased = 0;
  for (const LogPosition first : batches) {
    const std::string key = batch_key(partition, first);
    WINNOW_TRY(const auto bytes, engine->get(Column::events, key));
    if (!bytes) continue;
    WINNOW_TRY(BatchReader reader, BatchReader::open(*bytes));
    BatchBuilder kept(reader.first(), reader.received_ms());
    std::uint64_t removed = 0;
    while (reader.next()) {
      if (reader.belongs_to(subject)) {
        ++removed;
      } else {
        kept.add_body(reader.position(), reader.body());
      }
    }
    WINNOW_RETURN_IF_ERROR(reader.status());
    const std::string rest = kept.finish();
    if (kept.count() == 0) {
      batch.Delete(engine->column(Column::events), key);
    } else {
      batch.Put(engine->column(Column::events), key, rest);
    }
    erased += removed;
    state.events -= removed;
    state.bytes -= bytes->size();
    if (kept.count() > 0) state.bytes += rest.size();
  }
  WINNOW_RETURN_IF_ERROR(write_removal(*engine, batch, state));
  return erased;
}

Status EmbeddedEventLog::forget(const Hash128& subject, LogPosition through) {
  WINNOW_TRY(const auto engine, store_.writer());
  rocksdb::WriteBatch batch;
  WINNOW_RETURN_IF_ERROR(remove_subject(engine, subject, through, batch));
  return store_.write(*engine, batch, Store::Durability::durable);
}

Result<std::uint64_t> EmbeddedEventLog::enforce_retention(TimestampMs now_ms) {
  if (options_.retention_ms <= 0) return std::uint64_t{0};
  MutexLock one_at_a_time(maintenance_mutex_);
  std::uint64_t dropped = 0;
  for (std::uint32_t partition = 0; partition < settings_.partitions; ++partition) {
    for (;;) {
      WINNOW_TRY(const std::uint64_t some,
                 drop_some(static_cast<std::uint16_t>(partition), now_ms - options_.retention_ms));
      if (some == 0) break;
      dropped += some;
    }
  }
  if (dropped > 0) {
    WINNOW_TRY(const auto engine, store_.writer());
    rocksdb::WriteBatch batch;
    WINNOW_RETURN_IF_ERROR(drop_lists(engine, now_ms - options_.retention_ms, batch));
    WINNOW_RETURN_IF_ERROR(store_.write(*engine, batch, Store::Durability::durable));
  }
  return dropped;
}

// Drops the partition's oldest batches that arrived before then, at most one step's, with their index
// entries. A batch holds one commit's records, which arrived at one time.
Result<std::uint64_t> EmbeddedEventLog::drop_some(std::uint16_t partition, TimestampMs arrived_before) {
  MutexLock lock(commit_mutex_);
  WINNOW_TRY(const auto engine, store_.writer());
  if (engine->generation() != generation_) WINNOW_RETURN_IF_ERROR(load(engine));
  rocksdb::WriteBatch batch;
  LogState state = state_;
  std::uint64_t dropped = 0;
  KeyWalk walk(engine, Column::events, {batch_key(partition, 0), behind_prefix(number_key(partition))});
  std::size_t batches = 0;
  for (walk.to_first(); walk.valid() && batches < kBatchesAStep; walk.next(), ++batches) {
    WINNOW_TRY(BatchReader reader, BatchReader::open(walk.value()));
    if (reader.received_ms() >= arrived_before) break;
    while (reader.next()) {
      WINNOW_TRY(const std::string subject, reader.subject());
      batch.Delete(engine->column(Column::subjects), subject_key(hash128(subject), reader.first()));
      ++dropped;
    }
    WINNOW_RETURN_IF_ERROR(reader.status());
    batch.Delete(engine->column(Column::events), slice(walk.key()));
    state.bytes -= walk.value().size();
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  if (dropped == 0) return dropped;
  state.events -= dropped;
  WINNOW_RETURN_IF_ERROR(write_removal(*engine, batch, state));
  return dropped;
}

Status EmbeddedEventLog::write_removal(const StoreEngine& engine, rocksdb::WriteBatch& batch,
                                       const LogState& state) {
  batch.Put(engine.column(Column::meta), slice(kLogStateKey), state.encode());
  WINNOW_RETURN_IF_ERROR(store_.write(engine, batch, Store::Durability::durable));
  state_ = state;
  publish(state);
  return {};
}

}  // namespace winnow
