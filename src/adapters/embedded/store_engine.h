// StoreEngine: one open RocksDB instance of a store, and how its errors read to a user.
//
// The Store owns the engine and replaces it when the disk failed; everybody else works on a pin of it for the
// length of one call. Thread-safe.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/embedded/columns.h"
#include "adapters/embedded/freezing_file_system.h"
#include "adapters/embedded/store.h"
#include "base/result.h"

namespace winnow {

inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

// The meaning of RocksDB's status for a user. `doing` starts the message: "cannot read the store".
Error store_error(const rocksdb::Status& status, std::string_view doing,
                  const std::filesystem::path& directory);

class StoreEngine final {
 public:
  static Result<std::unique_ptr<StoreEngine>> open(const std::filesystem::path& directory,
                                                   const StoreOptions& options, std::uint64_t generation);
  ~StoreEngine();

  rocksdb::DB& db() const { return *db_; }
  // Null for a column that came after the first release, where a store of one is open for reading only.
  rocksdb::ColumnFamilyHandle* column(Column column) const {
    return columns_[static_cast<std::size_t>(column)];
  }
  const std::vector<rocksdb::ColumnFamilyHandle*>& columns() const { return columns_; }
  const std::filesystem::path& directory() const { return directory_; }
  // Differs from that of every other engine of this Store.
  std::uint64_t generation() const { return generation_; }
  // True once a write to disk failed: from then on nothing that is written is durable.
  bool frozen() const { return file_system_->frozen(); }
  // Why it is frozen.
  Error failure() const { return error(file_system_->failure(), "a write to the store failed"); }
  // Frozen, or RocksDB itself has stopped writing, as it does when it cannot flush: open the store again.
  bool stopped() const { return frozen() || stopped_.load(std::memory_order_acquire); }
  void stop() const { stopped_.store(true, std::memory_order_release); }

  // Nothing when there is no such key.
  Result<std::optional<std::string>> get(Column column, std::string_view key) const;
  Error error(const rocksdb::Status& status, std::string_view doing) const;

 private:
  StoreEngine(std::filesystem::path directory, std::uint64_t generation)
      : directory_(std::move(directory)), generation_(generation) {}

  std::filesystem::path directory_;
  std::uint64_t generation_;
  mutable std::atomic<bool> stopped_{false};
  std::shared_ptr<FreezingFileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> columns_;
};

// A walk over the keys of a column in [lower, upper); an empty upper is the end of the column.
// Sees the column as it was when the walk was made.
class KeyWalk final {
 public:
  struct Range {
    std::string lower;
    std::string upper;
  };
  KeyWalk(std::shared_ptr<const StoreEngine> engine, Column column, Range range = {});
  KeyWalk(const KeyWalk&) = delete;
  KeyWalk& operator=(const KeyWalk&) = delete;

  void to_first() { iterator_->SeekToFirst(); }
  void to_last() { iterator_->SeekToLast(); }
  void seek(std::string_view key) { iterator_->Seek(slice(key)); }              // the first at or behind key
  void seek_back(std::string_view key) { iterator_->SeekForPrev(slice(key)); }  // the last at or before key
  void next() { iterator_->Next(); }
  void previous() { iterator_->Prev(); }
  bool valid() const { return iterator_->Valid(); }
  std::string_view key() const { return view(iterator_->key()); }
  std::string_view value() const { return view(iterator_->value()); }
  // Once valid() is false: whether that was the end, or an error.
  Status status() const;

 private:
  std::shared_ptr<const StoreEngine> engine_;  // released last
  Range range_;
  rocksdb::Slice lower_;
  rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace winnow
