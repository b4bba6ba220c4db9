#include "adapters/embedded/store_engine.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <utility>

#include "base/background.h"
#include "base/file.h"

namespace winnow {

namespace {

bool mentions(const rocksdb::Status& status, std::string_view text) {
  return status.ToString().find(text) != std::string::npos;
}

// Flushes and compactions keep a core busy for tens of milliseconds at a time, which requests would wait.
class InBackground final : public rocksdb::EventListener {
 public:
  void OnFlushBegin(rocksdb::DB* /*db*/, const rocksdb::FlushJobInfo& /*job*/) override {
    run_in_background();
  }
  void OnCompactionBegin(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& /*job*/) override {
    run_in_background();
  }
};

rocksdb::DBOptions database_options(const StoreOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions out;
  out.env = env;
  out.create_if_missing = out.create_missing_column_families = options.mode == StoreOptions::Mode::read_write;
  // Every acknowledged byte is verified: a log damaged in its middle is an error, and only a tail that was
  // never acknowledged may be missing.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  out.paranoid_checks = true;
  // What is erased must go: no log file is kept or used again.
  out.recycle_log_file_num = 0;
  out.WAL_ttl_seconds = 0;
  out.WAL_size_limit_MB = 0;
  out.max_total_wal_size = 256ull << 20;
  out.max_open_files = -1;
  out.max_background_jobs = 2;
  out.bytes_per_sync = 1 << 20;
  out.avoid_flush_during_shutdown = true;
  out.avoid_flush_during_recovery = true;
  out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  out.keep_log_file_num = 2;
  out.max_log_file_size = 1 << 20;
  out.allow_data_in_errors = false;
  out.listeners.push_back(std::make_shared<InBackground>());
  return out;
}

// A secondary instance would otherwise write what it does into a folder of its own, which stays behind when
// its process is killed.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::ColumnFamilyOptions column_options(Column column, const StoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions out;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  const bool by_point = column == Column::items || column == Column::item_ids || column == Column::users ||
                        column == Column::features || column == Column::impressions;
  if (by_point) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  if (column == Column::events) table.block_size = 64 << 10;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.compression = options.compress ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  if (column == Column::impressions) {
    // Values come with every answer and go in the order they came in: they are written once, beside the keys,
    // instead of anew with every compaction, and a file goes when nothing of it is left.
    out.enable_blob_files = true;
    out.min_blob_size = 256;
    out.blob_file_size = 64ull << 20;
    out.blob_compression_type = out.compression;
  }
  const bool large = column == Column::events || column == Column::subjects || column == Column::features;
  out.write_buffer_size = large ? options.write_buffer_bytes : options.write_buffer_bytes / 4;
  out.level_compaction_dynamic_level_bytes = true;
  return out;
}

}  // namespace

Error store_error(const rocksdb::Status& status, std::string_view doing,
                  const std::filesystem::path& directory) {
  const auto error = [&](ErrorCode code, std::string_view remedy) {
    return Error{code, fmt::format("{} ({}): {}: {}", doing, directory.string(), status.ToString(), remedy)};
  };
  if (status.IsNoSpace() || mentions(status, "File too large") || mentions(status, "Disk quota exceeded")) {
    return error(ErrorCode::exhausted,
                 "free space on the disk and try again; nothing that was acknowledged is lost");
  }
  if (mentions(status, "Permission denied") || mentions(status, "Read-only file system")) {
    return error(ErrorCode::forbidden, "check the owner and mode of the folder");
  }
  if (mentions(status, "Too many open files")) {
    return error(ErrorCode::exhausted, "raise the limit of open files (ulimit -n)");
  }
  if (status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound()) {
    return error(ErrorCode::corrupt,
                 "the store is damaged: restore it from a dump, or move the folder away and import again");
  }
  if (status.IsIOError() || status.IsBusy() || status.IsTryAgain() || status.IsTimedOut() ||
      status.IsIncomplete() || status.IsAborted() || status.IsShutdownInProgress()) {
    return error(ErrorCode::unavailable, "check the disk and try again");
  }
  return error(ErrorCode::internal, "please report this");
}

Result<std::unique_ptr<StoreEngine>> StoreEngine::open(const std::filesystem::path& directory,
                                                       const StoreOptions& options,
                                                       std::uint64_t generation) {
  std::unique_ptr<StoreEngine> engine(new StoreEngine(directory, generation));
  engine->file_system_ = std::make_shared<FreezingFileSystem>(
      options.file_system ? options.file_system : rocksdb::FileSystem::Default());
  engine->env_ = rocksdb::NewCompositeEnv(engine->file_system_);

  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    columns.emplace_back(std::string(kColumnNames[i]),
                         column_options(static_cast<Column>(i), options, cache));
  }
  rocksdb::DBOptions database = database_options(options, engine->env_.get());
  rocksdb::DB* db = nullptr;
  rocksdb::Status status;
  if (options.mode == StoreOptions::Mode::read_write) {
    status = rocksdb::DB::Open(database, directory.string(), columns, &engine->columns_, &db);
  } else {
    // A secondary instance reads beside the writer; the folder that it asks for is that of its log.
    database.info_log = std::make_shared<NoLog>();
    // A store that only older releases wrote to lacks the columns that came later, and nobody adds them here.
    std::vector<std::string> there;
    rocksdb::DB::ListColumnFamilies(database, directory.string(), &there).PermitUncheckedError();
    while (columns.size() > kFirstColumns && !there.empty() &&
           std::ranges::find(there, columns.back().name) == there.end()) {
      columns.pop_back();
    }
    status = rocksdb::DB::OpenAsSecondary(database, directory.string(), directory.string(), columns,
                                          &engine->columns_, &db);
  }
  if (!status.ok()) {
    // A store that was made by this release opens with these options, or its files are not what they were.
    if (status.IsInvalidArgument() || status.IsNotSupported()) {
      status = rocksdb::Status::Corruption(status.ToString());
    }
    return store_error(status, "cannot open the store", directory);
  }
  engine->db_.reset(db);
  engine->columns_.resize(kColumnCount, nullptr);
  return engine;
}

StoreEngine::~StoreEngine() {
  if (db_) {
    for (rocksdb::ColumnFamilyHandle* handle : columns_) {
      if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
    db_.reset();
  }
}

Result<std::optional<std::string>> StoreEngine::get(Column column, std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get({}, this->column(column), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return error(status, "cannot read the store");
  return std::optional<std::string>(std::move(value));
}

Error StoreEngine::error(const rocksdb::Status& status, std::string_view doing) const {
  return store_error(status, doing, directory_);
}

KeyWalk::KeyWalk(std::shared_ptr<const StoreEngine> engine, Column column, Range range)
    : engine_(std::move(engine)), range_(std::move(range)), lower_(range_.lower), upper_(range_.upper) {
  rocksdb::ReadOptions options;
  if (!range_.lower.empty()) options.iterate_lower_bound = &lower_;
  if (!range_.upper.empty()) options.iterate_upper_bound = &upper_;
  iterator_.reset(engine_->db().NewIterator(options, engine_->column(column)));
}

Status KeyWalk::status() const {
  const rocksdb::Status status = iterator_->status();
  if (!status.ok()) return engine_->error(status, "cannot read the store");
  return {};
}

}  // namespace winnow
