#include "adapters/embedded/freezing_file_system.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "adapters/embedded/table_check.h"

namespace winnow {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// The write-ahead log (000012.log) and the manifest (MANIFEST-000005): what recovery starts from.
bool is_critical(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.ends_with(".log") || name.starts_with("MANIFEST-");
}

IOStatus frozen_status() { return IOStatus::NoSpace("the store stands still since a write to disk failed"); }

}  // namespace

void FreezingFileSystem::State::freeze(const IOStatus& why) {
  MutexLock lock(mutex);
  if (failure.ok()) failure = why;
  frozen.store(true, std::memory_order_release);
}

IOStatus FreezingFileSystem::failure() const {
  MutexLock lock(state_->mutex);
  return state_->failure;
}

class FreezingFileSystem::CriticalFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CriticalFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<State> state)
      : FSWritableFileOwnerWrapper(std::move(file)), state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return guarded(data.size(), [&] { return target()->Append(data, options, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return guarded(data.size(), [&] { return target()->Append(data, options, info, debug); });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return guarded(0, [&] { return target()->Flush(options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return guarded(0, [&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return guarded(0, [&] { return target()->Fsync(options, debug); });
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    return guarded(0, [&] { return target()->RangeSync(offset, bytes, options, debug); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return guarded(0, [&] { return target()->Truncate(size, options, debug); });
  }
  // Preallocation is a hint; a full disk shows at the append.
  void PrepareWrite(std::size_t offset, std::size_t length, const IOOptions& options,
                    IODebugContext* debug) override {
    if (!state_->frozen.load(std::memory_order_acquire))
      target()->PrepareWrite(offset, length, options, debug);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = target()->Close(options, debug);
    if (!status.ok()) state_->freeze(status);
    return IOStatus::OK();
  }
  // What RocksDB believes it has written, so that a frozen file looks whole to it.
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  template <class Write>
  IOStatus guarded(std::size_t bytes, Write write) {
    size_ += bytes;
    if (!state_->frozen.load(std::memory_order_acquire)) {
      const IOStatus status = write();
      if (!status.ok()) state_->freeze(status);
    }
    return IOStatus::OK();
  }

  std::shared_ptr<State> state_;
  std::uint64_t size_ = 0;
};

IOStatus FreezingFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                                             IODebugContext* debug) {
  if (frozen()) return frozen_status();
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus status = FileSystemWrapper::NewWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  if (is_critical(path)) {
    *result = std::make_unique<CriticalFile>(std::move(file), state_);
  } else {
    *result = std::move(file);
  }
  return status;
}

IOStatus FreezingFileSystem::NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                                 std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                                 IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, result, debug);
  if (!status.ok() || !path.ends_with(".sst")) return status;
  std::uint64_t size = 0;
  status = GetFileSize(path, options.io_options, &size, debug);
  if (status.ok() && !safe_to_open(**result, size)) {
    result->reset();
    status = IOStatus::Corruption("the properties of a table file fail their checksum", path);
  }
  return status;
}

IOStatus FreezingFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                        IODebugContext* debug) {
  return frozen() ? frozen_status() : FileSystemWrapper::DeleteFile(path, options, debug);
}

IOStatus FreezingFileSystem::RenameFile(const std::string& from, const std::string& to,
                                        const IOOptions& options, IODebugContext* debug) {
  return frozen() ? frozen_status() : FileSystemWrapper::RenameFile(from, to, options, debug);
}

}  // namespace winnow
