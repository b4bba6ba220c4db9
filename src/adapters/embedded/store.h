// Store: the one RocksDB instance in which a site keeps everything, and the ground on which the adapters
// stand.
//
// - One process writes (a lock file says which); any number read beside it.
// - A write is acknowledged only when it is as durable as was asked. After a failed write (a full disk)
// nothing is
//   acknowledged until the store has been opened afresh, which the next write does by itself once there is
//   space; generation() then differs, and whoever keeps counters of what is stored reads them again.
// - directory/FORMAT names the format, and is written last when a store is made.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "adapters/embedded/columns.h"
#include "adapters/embedded/store_lock.h"
#include "base/mutex.h"
#include "base/result.h"

namespace rocksdb {
class FileSystem;
class WriteBatch;
}  // namespace rocksdb

namespace winnow {

class StoreEngine;

struct StoreOptions {
  enum class Mode { read_write, read_only };
  Mode mode = Mode::read_write;
  bool compress = true;
  std::size_t block_cache_bytes = 256ull << 20;
  std::size_t write_buffer_bytes = 64ull << 20;      // of the event log; other columns take less
  std::uint64_t reserve_bytes = 32ull << 20;         // writes stop while the disk has less free
  std::shared_ptr<rocksdb::FileSystem> file_system;  // null: the machine's
};

class Store final {
 public:
  // read_write makes the store when there is none; conflict when another process has it open for writing.
  // read_only wants an existing one: not_found. corrupt, unsupported (format of another release), exhausted.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                             StoreOptions options = {});
  ~Store();

  bool read_only() const { return options_.mode == StoreOptions::Mode::read_only; }
  const std::filesystem::path& directory() const { return directory_; }

  // For a store that another process writes to: makes visible what that process has written so far. What it
  // has erased may stay visible here, from memory, until its next write.
  Status catch_up() const;

  // What the adapters use.
  enum class Durability {
    durable,  // on disk when the call returns
    soon,     // on disk with the next durable write: survives this process, not the machine
  };
  // The engine for one call that reads. Let go of it soon: a store is only opened again when nobody holds a
  // pin.
  Result<std::shared_ptr<const StoreEngine>> pin() const;
  // The engine for one call that writes; opens the store again when the last write failed. conflict when
  // read_only.
  Result<std::shared_ptr<const StoreEngine>> writer();
  Status write(const StoreEngine& engine, rocksdb::WriteBatch& batch, Durability durability) const;

  // Rewrites the files that hold keys of these ranges, so that no byte of anything that was deleted or
  // overwritten there remains on disk, the write-ahead log included. Costs as much as the files are large.
  struct Range {
    Column column;
    std::string first;  // inclusive
    std::string last;   // inclusive
  };
  Status scrub(std::span<const Range> ranges);

 private:
  Store(std::filesystem::path directory, StoreOptions options);
  Status make_or_check();
  Status check_space(std::size_t bytes) const;
  Status reopen();

  const std::filesystem::path directory_;
  const StoreOptions options_;
  StoreLock lock_;

  Mutex scrub_mutex_;   // held by the one who scrubs; before all others
  Mutex reopen_mutex_;  // held by the one who replaces the engine; before mutex_
  std::uint64_t generation_ WINNOW_GUARDED_BY(reopen_mutex_) = 1;
  mutable Mutex mutex_;
  std::shared_ptr<StoreEngine> engine_ WINNOW_GUARDED_BY(mutex_);  // null while none could be opened
};

}  // namespace winnow
