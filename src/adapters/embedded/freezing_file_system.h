// A file system under RocksDB that stops the clock when the disk fails, instead of going on from half a
// write.
//
// When an append to the write-ahead log or the manifest fails (a full disk, mostly), RocksDB 7.8 marks the
// file's writer as broken and never writes a byte in its place; Debian's build even aborts when such a writer
// is closed. So the first failure of a critical file freezes the directory: the failure itself and all later
// writes to critical files are swallowed, and nothing else may be created, renamed or deleted any more. On
// disk stands exactly what a crash at that instant would have left, which is what recovery is made for.
// Whoever writes asks frozen() after each write and acknowledges nothing once it is true; the Store then
// closes this instance and opens a fresh one. Thread-safe.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/mutex.h"

namespace winnow {

class FreezingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FreezingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base)
      : FileSystemWrapper(base), state_(std::make_shared<State>()) {}

  static const char* kClassName() { return "WinnowFreezingFileSystem"; }
  const char* Name() const override { return kClassName(); }

  bool frozen() const { return state_->frozen.load(std::memory_order_acquire); }
  // The failure that froze it; OK while it is not frozen.
  rocksdb::IOStatus failure() const;

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  // Refuses a table file that would bring RocksDB down.
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;

 private:
  class CriticalFile;
  struct State {
    void freeze(const rocksdb::IOStatus& why);
    std::atomic<bool> frozen{false};
    mutable Mutex mutex;
    rocksdb::IOStatus failure WINNOW_GUARDED_BY(mutex);
  };
  std::shared_ptr<State> state_;  // shared with the files, which may outlive this
};

}  // namespace winnow
