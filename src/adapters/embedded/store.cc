#include "adapters/embedded/store.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "adapters/embedded/store_engine.h"
#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

constexpr std::string_view kFormatName = "winnow-store";
constexpr int kFormat = 1;

// Bytes of a RocksDB, of whatever age, in the folder.
bool holds_database(const std::filesystem::path& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".sst")) return true;
  }
  return false;
}

Status remove_database(const std::filesystem::path& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "WRITER" || name == "FORMAT") continue;
    std::filesystem::remove(entry.path(), error);
    if (error) return file_error(error.value(), "cannot remove", entry.path());
  }
  return {};
}

// No compactions of RocksDB's own in the columns of the ranges, for as long as the value lives. Those that
// run already run on.
class RestingCompactions final {
 public:
  RestingCompactions(const StoreEngine& engine, std::span<const Store::Range> ranges) : engine_(engine) {
    for (const Store::Range& range : ranges) {
      rocksdb::ColumnFamilyHandle* column = engine.column(range.column);
      if (std::ranges::find(columns_, column) != columns_.end()) continue;
      columns_.push_back(column);
      if (status_.ok()) status_ = set("true", column);
    }
  }
  RestingCompactions(const RestingCompactions&) = delete;
  RestingCompactions& operator=(const RestingCompactions&) = delete;
  ~RestingCompactions() {
    for (rocksdb::ColumnFamilyHandle* column : columns_) static_cast<void>(set("false", column));
  }

  const rocksdb::Status& status() const { return status_; }

 private:
  rocksdb::Status set(const char* value, rocksdb::ColumnFamilyHandle* column) const {
    return engine_.db().SetOptions(column, {{"disable_auto_compactions", value}});
  }

  const StoreEngine& engine_;
  std::vector<rocksdb::ColumnFamilyHandle*> columns_;
  rocksdb::Status status_;
};

rocksdb::Status wait_for_background_work(rocksdb::DB& db) {
  const rocksdb::Status paused = db.PauseBackgroundWork();
  return paused.ok() ? db.ContinueBackgroundWork() : paused;
}

}  // namespace

Store::Store(std::filesystem::path directory, StoreOptions options)
    : directory_(std::move(directory)), options_(std::move(options)) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory, StoreOptions options) {
  std::unique_ptr<Store> store(new Store(directory, std::move(options)));
  std::error_code error;
  if (store->read_only()) {
    if (!std::filesystem::exists(directory / "FORMAT", error)) {
      return Error{ErrorCode::not_found,
                   fmt::format("there is no store in {}: import something first, or check --data",
                               directory.string())};
    }
  } else {
    WINNOW_RETURN_IF_ERROR(make_directories(directory));
    WINNOW_TRY(store->lock_, StoreLock::take(directory));
  }
  WINNOW_RETURN_IF_ERROR(store->make_or_check());
  return store;
}

// FORMAT says "making" until the database stands; a store whose making was cut short holds nothing yet, and
// is made again. A database without FORMAT is somebody else's.
Status Store::make_or_check() {
  const std::filesystem::path path = directory_ / "FORMAT";
  const std::string ready = fmt::format("{} {}\n", kFormatName, kFormat);
  const std::string making = fmt::format("{} {} making\n", kFormatName, kFormat);
  std::string found;
  if (auto format = read_file(path, 4096); format.ok()) {
    found = *std::move(format);
  } else if (format.error().code != ErrorCode::not_found) {
    return format.error();
  }
  const bool fresh = found.empty() || found == making;
  if (!fresh && found != ready) {
    if (trim(found).starts_with(fmt::format("{} ", kFormatName)) && is_utf8(found)) {
      return Error{
          ErrorCode::unsupported,
          fmt::format("the store {} has the format \"{}\", this release reads \"{}\": use the release that "
                      "wrote it, or dump there and restore here",
                      directory_.string(), excerpt(trim(found)), trim(ready))};
    }
    return Error{
        ErrorCode::corrupt,
        fmt::format("{} does not name a format: the store is damaged; restore it from a dump, or move the "
                    "folder away and import again",
                    path.string())};
  }
  if (fresh && read_only()) {
    return Error{ErrorCode::not_found,
                 fmt::format("the store in {} is not ready: import something first", directory_.string())};
  }
  const bool database = holds_database(directory_);
  if (found.empty() && database) {
    return Error{
        ErrorCode::corrupt,
        fmt::format(
            "{} holds a database but no FORMAT file: it is no store of Winnow, or it is damaged; give "
            "another --data folder, or restore from a dump",
            directory_.string())};
  }
  if (!fresh && !std::filesystem::exists(directory_ / "CURRENT")) {
    return Error{
        ErrorCode::corrupt,
        fmt::format("{} has lost its file CURRENT: the store is damaged; restore it from a dump, or move the "
                    "folder away and import again",
                    directory_.string())};
  }
  if (fresh) {
    WINNOW_RETURN_IF_ERROR(check_space(0));
    if (database) WINNOW_RETURN_IF_ERROR(remove_database(directory_));
    WINNOW_RETURN_IF_ERROR(write_file_atomically(path, making));
  }
  WINNOW_TRY(std::shared_ptr<StoreEngine> engine, StoreEngine::open(directory_, options_, /*generation=*/1));
  if (engine->frozen()) return engine->failure();
  if (fresh) WINNOW_RETURN_IF_ERROR(write_file_atomically(path, ready));
  MutexLock lock(mutex_);
  engine_ = std::move(engine);
  return {};
}

Result<std::shared_ptr<const StoreEngine>> Store::pin() const {
  MutexLock lock(mutex_);
  if (engine_) return std::shared_ptr<const StoreEngine>(engine_);
  return Error{
      ErrorCode::unavailable,
      fmt::format("the store {} is being opened again after a failed write: try again; if this goes on, free "
                  "space on the disk or restart",
                  directory_.string())};
}

Status Store::catch_up() const {
  if (!read_only()) return {};
  WINNOW_TRY(const auto engine, pin());
  const rocksdb::Status status = engine->db().TryCatchUpWithPrimary();
  // The writer may remove a log file while it is being read; the next try reads what replaced it.
  if (status.ok() || status.IsTryAgain() || status.IsPathNotFound()) return {};
  return engine->error(status, "cannot follow the store's writer");
}

// The disk is never filled to the last byte: what RocksDB does in the background needs room too.
Status Store::check_space(std::size_t bytes) const {
  struct statvfs disk {};
  if (::statvfs(directory_.c_str(), &disk) != 0) return {};  // cannot tell; the write itself will
  const std::uint64_t available = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  const std::uint64_t wanted = options_.reserve_bytes + 2 * bytes;
  if (available >= wanted) return {};
  return Error{
      ErrorCode::exhausted,
      fmt::format(
          "the disk of {} is full: {} free, {} needed; free some space and try again; nothing that was "
          "acknowledged is lost",
          directory_.string(), human_bytes(available), human_bytes(wanted))};
}

Result<std::shared_ptr<const StoreEngine>> Store::writer() {
  if (read_only()) {
    return Error{
        ErrorCode::conflict,
        fmt::format("the store {} is open for reading only: open it for writing", directory_.string())};
  }
  {
    MutexLock lock(mutex_);
    if (engine_ && !engine_->stopped()) return std::shared_ptr<const StoreEngine>(engine_);
  }
  WINNOW_RETURN_IF_ERROR(reopen());
  return pin();
}

Status Store::reopen() {
  MutexLock one_at_a_time(reopen_mutex_);
  WINNOW_RETURN_IF_ERROR(check_space(0));
  std::shared_ptr<StoreEngine> old;
  {
    MutexLock lock(mutex_);
    if (engine_ && !engine_->stopped()) return {};  // another writer was faster
    old = std::move(engine_);
    engine_.reset();
  }
  // Pins last for one call each. Without the last one gone, RocksDB's own lock would refuse to open.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (old && old.use_count() > 1) {
    if (std::chrono::steady_clock::now() > deadline) {
      MutexLock lock(mutex_);
      engine_ = std::move(old);
      return Error{ErrorCode::unavailable,
                   fmt::format("the store {} cannot be opened again while it is being read: try again",
                               directory_.string())};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  old.reset();
  WINNOW_TRY(std::shared_ptr<StoreEngine> engine, StoreEngine::open(directory_, options_, ++generation_));
  MutexLock lock(mutex_);
  engine_ = std::move(engine);
  return {};
}

Status Store::write(const StoreEngine& engine, rocksdb::WriteBatch& batch, Durability durability) const {
  WINNOW_RETURN_IF_ERROR(check_space(batch.GetDataSize()));
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::durable;
  const rocksdb::Status status = engine.db().Write(options, &batch);
  if (engine.frozen()) return engine.failure();
  if (!status.ok()) {
    engine.stop();
    return engine.error(status, "cannot write to the store");
  }
  return {};
}

// A compaction of RocksDB's own that runs beside ours may carry old bytes past it, from a level that ours has
// yet to read to one that it has read already; and while one runs, files that nothing refers to any more
// stay. So they rest meanwhile, and no two scrubs run at once.
Status Store::scrub(std::span<const Range> ranges) {
  MutexLock one_at_a_time(scrub_mutex_);
  WINNOW_TRY(const auto engine, writer());
  WINNOW_RETURN_IF_ERROR(check_space(0));
  rocksdb::DB& db = engine->db();
  const auto check = [&](const rocksdb::Status& status) -> Status {
    if (!status.ok()) return engine->error(status, "cannot rewrite the store's files");
    if (engine->frozen()) return engine->failure();
    return {};
  };
  const RestingCompactions resting(*engine, ranges);
  WINNOW_RETURN_IF_ERROR(check(resting.status()));
  WINNOW_RETURN_IF_ERROR(check(wait_for_background_work(db)));
  rocksdb::FlushOptions flush;
  flush.allow_write_stall = true;
  WINNOW_RETURN_IF_ERROR(check(db.Flush(flush, engine->columns())));
  rocksdb::CompactRangeOptions compact;
  compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  compact.exclusive_manual_compaction = false;
  compact.allow_write_stall = true;
  compact.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
  compact.blob_garbage_collection_age_cutoff = 1;
  for (const Range& range : ranges) {
    const rocksdb::Slice first = slice(range.first);
    const rocksdb::Slice last = slice(range.last);
    WINNOW_RETURN_IF_ERROR(check(db.CompactRange(compact, engine->column(range.column), &first, &last)));
  }
  // Files that nothing refers to any more go now rather than some time later.
  WINNOW_RETURN_IF_ERROR(check(db.PauseBackgroundWork()));
  rocksdb::Status removed = db.DisableFileDeletions();
  if (removed.ok()) removed = db.EnableFileDeletions(/*force=*/false);
  WINNOW_RETURN_IF_ERROR(check(db.ContinueBackgroundWork()));
  return check(removed);
}

}  // namespace winnow
