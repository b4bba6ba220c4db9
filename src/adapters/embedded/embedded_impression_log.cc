#include "adapters/embedded/embedded_impression_log.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <unordered_map>
#include <utility>

#include "adapters/embedded/store_engine.h"
#include "base/background.h"
#include "base/bytes.h"
#include "events/impression_codec.h"

namespace winnow {

namespace {

constexpr char kById = 'i';
constexpr char kBySubject = 's';
constexpr char kByTime = 't';
constexpr std::string_view kTotalsKey = "z";
constexpr std::size_t kRowKeyBytes = 1 + 8 + kHashKeyBytes;

std::string id_key(const Hash128& id) { return kById + hash_key(id); }

std::string row_key(TimestampMs time_ms, const Hash128& id) {
  std::string key(1, kByTime);
  append_big_endian(key, static_cast<std::uint64_t>(time_ms));
  return key + hash_key(id);
}

// Of the impression whose row has this key.
std::string subject_key_of(std::string_view subject, std::string_view row) {
  std::string key = kBySubject + hash_key(hash128(subject));
  return key.append(row.substr(1));
}

std::string column_end() { return std::string(1, '\xff'); }

std::size_t bytes_of(const ServedImpression& impression) {
  return sizeof impression + impression.recommendation_id.size() + impression.subject.size() +
         impression.items.size() * sizeof(ServedItem) + impression.features.size() * sizeof(float);
}

}  // namespace

Result<std::unique_ptr<EmbeddedImpressionLog>> EmbeddedImpressionLog::open(Store& store,
                                                                           ImpressionLogOptions options) {
  std::unique_ptr<EmbeddedImpressionLog> log(new EmbeddedImpressionLog(store, options));
  if (!store.read_only()) {
    log->thread_ = std::thread([raw = log.get()] {
      run_in_background();
      raw->run();
    });
  }
  return log;
}

EmbeddedImpressionLog::~EmbeddedImpressionLog() {
  {
    MutexLock lock(queue_mutex_);
    stopping_ = true;
  }
  queued_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool EmbeddedImpressionLog::offer(ServedImpression impression) {
  const std::size_t bytes = bytes_of(impression);
  {
    MutexLock lock(queue_mutex_);
    if (store_.read_only() || stopping_ || queue_bytes_ + bytes > options_.queue_bytes) {
      ++dropped_;
      return false;
    }
    queue_bytes_ += bytes;
    queue_.push_back(std::move(impression));
    if (queue_.size() > 1 && queue_bytes_ < options_.queue_bytes / 4) return true;  // the writer is awake
  }
  queued_.notify_one();
  return true;
}

void EmbeddedImpressionLog::run() {
  for (;;) {
    std::vector<ServedImpression> taken;
    {
      MutexLock lock(queue_mutex_);
      while (queue_.empty() && !stopping_) lock.wait(queued_);
      if (queue_.empty()) return;
      // What comes within the interval goes into the same write.
      const auto until =
          std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.write_interval_ms);
      while (!hurry_ && !stopping_ && queue_bytes_ < options_.queue_bytes / 4) {
        const auto left = until - std::chrono::steady_clock::now();
        if (left.count() <= 0 || lock.wait_for(queued_, left) == std::cv_status::timeout) break;
      }
      taken.swap(queue_);
      queue_bytes_ = 0;
      writing_ = true;
    }
    const std::size_t count = taken.size();
    Status written = write(taken);
    {
      MutexLock lock(queue_mutex_);
      writing_ = false;
      if (!written.ok()) dropped_ += count;
      last_write_ = std::move(written);
      if (queue_.empty()) hurry_ = false;
    }
    written_.notify_all();
  }
}

Status EmbeddedImpressionLog::flush() {
  if (store_.read_only()) return {};
  MutexLock lock(queue_mutex_);
  if (queue_.empty() && !writing_) return last_write_;
  hurry_ = true;
  queued_.notify_all();
  while (!queue_.empty() || writing_) lock.wait(written_);
  return last_write_;
}

Result<EmbeddedImpressionLog::Totals> EmbeddedImpressionLog::totals_of(const StoreEngine& engine) {
  WINNOW_TRY(const auto stored, engine.get(Column::impressions, kTotalsKey));
  if (!stored) return Totals{};
  ByteReader in(*stored);
  Totals totals;
  totals.impressions = in.fixed<std::uint64_t>();
  totals.bytes = in.fixed<std::uint64_t>();
  return totals;
}

Status EmbeddedImpressionLog::write(const std::vector<ServedImpression>& impressions) {
  MutexLock lock(write_mutex_);
  WINNOW_TRY(const auto engine, store_.writer());
  Change change;
  WINNOW_TRY(change.totals, totals_of(*engine));
  std::unordered_map<Hash128, const ServedImpression*> newest;  // of each answer
  for (const ServedImpression& impression : impressions) {
    newest[hash128(impression.recommendation_id)] = &impression;
  }
  rocksdb::ColumnFamilyHandle* const column = engine->column(Column::impressions);
  for (const auto& [id, impression] : newest) {
    WINNOW_TRY(const auto before, engine->get(Column::impressions, id_key(id)));
    if (before) {
      const auto time_ms = static_cast<TimestampMs>(read_big_endian<std::uint64_t>(*before));
      WINNOW_RETURN_IF_ERROR(remove(*engine, row_key(time_ms, id), change));
    }
    const std::string row = row_key(impression->time_ms, id);
    const std::string bytes = encode_impression(*impression);
    change.batch.Put(column, row, bytes);
    change.batch.Put(column, id_key(id), number_key(static_cast<std::uint64_t>(impression->time_ms)));
    change.batch.Put(column, subject_key_of(impression->subject, row), "");
    ++change.totals.impressions;
    change.totals.bytes += bytes.size();
  }
  return commit(*engine, change);
}

// Adds to the change what takes a stored impression away; one that is not there, or damaged, has no subject
// to look under, and goes all the same.
Status EmbeddedImpressionLog::remove(const StoreEngine& engine, std::string_view row, Change& change) const {
  WINNOW_TRY(const auto bytes, engine.get(Column::impressions, row));
  if (!bytes) return {};
  rocksdb::ColumnFamilyHandle* const column = engine.column(Column::impressions);
  if (const auto impression = decode_impression(*bytes); impression.ok()) {
    change.batch.Delete(column, subject_key_of(impression->subject, row));
  }
  change.batch.Delete(column, slice(row));
  change.batch.Delete(column, kById + std::string(row.substr(kRowKeyBytes - kHashKeyBytes)));
  change.totals.impressions -= std::min<std::uint64_t>(change.totals.impressions, 1);
  change.totals.bytes -= std::min<std::uint64_t>(change.totals.bytes, bytes->size());
  return {};
}

Status EmbeddedImpressionLog::commit(const StoreEngine& engine, Change& change) const {
  ByteWriter totals;
  totals.fixed(change.totals.impressions);
  totals.fixed(change.totals.bytes);
  change.batch.Put(engine.column(Column::impressions), slice(kTotalsKey), totals.bytes());
  return store_.write(engine, change.batch, Store::Durability::soon);
}

Result<std::optional<ServedImpression>> EmbeddedImpressionLog::find(
    std::string_view recommendation_id) const {
  WINNOW_TRY(const auto engine, store_.pin());
  if (engine->column(Column::impressions) == nullptr) return std::optional<ServedImpression>();
  const Hash128 id = hash128(recommendation_id);
  WINNOW_TRY(const auto time, engine->get(Column::impressions, id_key(id)));
  if (!time) return std::optional<ServedImpression>();
  const auto time_ms = static_cast<TimestampMs>(read_big_endian<std::uint64_t>(*time));
  WINNOW_TRY(const auto bytes, engine->get(Column::impressions, row_key(time_ms, id)));
  if (!bytes) return std::optional<ServedImpression>();  // it went in between
  WINNOW_TRY(ServedImpression impression, decode_impression(*bytes));
  return std::optional<ServedImpression>(std::move(impression));
}

Result<ImpressionPage> EmbeddedImpressionLog::read(std::string_view after, std::size_t limit) const {
  WINNOW_TRY(const auto engine, store_.pin());
  ImpressionPage page;
  if (engine->column(Column::impressions) == nullptr) return page;
  std::string from = after.empty() ? std::string(1, kByTime) : std::string(after) + '\0';
  KeyWalk walk(engine, Column::impressions, {std::move(from), std::string(1, kByTime + 1)});
  std::string last;
  for (walk.to_first(); walk.valid(); walk.next()) {
    if (page.impressions.size() == limit) {
      page.next_after = last;
      break;
    }
    WINNOW_TRY(ServedImpression impression, decode_impression(walk.value()));
    page.impressions.push_back(std::move(impression));
    last = walk.key();
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  return page;
}

// Scrubs the whole column: an impression that was replaced, or had outlived the retention, has left its bytes
// in the files.
Result<std::uint64_t> EmbeddedImpressionLog::erase_subject(std::string_view subject) {
  WINNOW_RETURN_IF_ERROR(flush());
  std::uint64_t erased = 0;
  {
    MutexLock lock(write_mutex_);
    WINNOW_TRY(const auto engine, store_.writer());
    Change change;
    WINNOW_TRY(change.totals, totals_of(*engine));
    const std::string prefix = kBySubject + hash_key(hash128(subject));
    KeyWalk walk(engine, Column::impressions, {prefix, behind_prefix(prefix)});
    for (walk.to_first(); walk.valid(); walk.next(), ++erased) {
      const std::string row = kByTime + std::string(walk.key().substr(prefix.size()));
      WINNOW_RETURN_IF_ERROR(remove(*engine, row, change));
      change.batch.Delete(engine->column(Column::impressions), slice(walk.key()));
    }
    WINNOW_RETURN_IF_ERROR(walk.status());
    if (erased > 0) WINNOW_RETURN_IF_ERROR(commit(*engine, change));
  }
  const Store::Range everything[] = {{Column::impressions, std::string(1, '\0'), column_end()}};
  WINNOW_RETURN_IF_ERROR(store_.scrub(everything));
  return erased;
}

Result<std::uint64_t> EmbeddedImpressionLog::enforce_retention(TimestampMs now_ms, std::uint64_t limit) {
  MutexLock lock(write_mutex_);
  const TimestampMs oldest_kept =
      options_.retention_ms > 0 ? now_ms - options_.retention_ms : std::numeric_limits<TimestampMs>::min();
  WINNOW_TRY(const auto engine, store_.writer());
  Change change;
  WINNOW_TRY(change.totals, totals_of(*engine));
  KeyWalk walk(engine, Column::impressions, {std::string(1, kByTime), std::string(1, kByTime + 1)});
  std::uint64_t dropped = 0;
  for (walk.to_first(); walk.valid() && dropped < limit; walk.next(), ++dropped) {
    const auto time_ms = static_cast<TimestampMs>(read_big_endian<std::uint64_t>(walk.key().substr(1)));
    const bool too_many = options_.max_bytes > 0 && change.totals.bytes > options_.max_bytes;
    if (time_ms >= oldest_kept && !too_many) break;
    WINNOW_RETURN_IF_ERROR(remove(*engine, std::string(walk.key()), change));
  }
  WINNOW_RETURN_IF_ERROR(walk.status());
  if (dropped > 0) WINNOW_RETURN_IF_ERROR(commit(*engine, change));
  return dropped;
}

ImpressionLogStatistics EmbeddedImpressionLog::statistics() const {
  ImpressionLogStatistics out;
  if (const auto engine = store_.pin(); engine.ok() && (*engine)->column(Column::impressions) != nullptr) {
    if (const auto totals = totals_of(**engine); totals.ok()) {
      out.impressions = totals->impressions;
      out.bytes = totals->bytes;
    }
  }
  MutexLock lock(queue_mutex_);
  out.dropped = dropped_;
  if (!last_write_.ok()) out.last_error = last_write_.error().message;
  return out;
}

}  // namespace winnow
