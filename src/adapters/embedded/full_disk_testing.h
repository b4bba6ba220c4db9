// A file system with room for so many more bytes: behind them every append writes what still fits and fails.
#pragma once

#include <rocksdb/file_system.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace winnow {

class FullDisk final : public rocksdb::FileSystemWrapper {
 public:
  FullDisk() : FileSystemWrapper(FileSystem::Default()) {}
  static const char* kClassName() { return "FullDisk"; }
  const char* Name() const override { return kClassName(); }

  void set_room(std::int64_t bytes) { room_->store(bytes); }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(path, options, &file, debug);
    if (status.ok()) *result = std::make_unique<File>(std::move(file), room_);
    return status;
  }
  rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&, std::uint64_t* bytes,
                                 rocksdb::IODebugContext*) override {
    *bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, room_->load()));
    return rocksdb::IOStatus::OK();
  }

 private:
  using Room = std::shared_ptr<std::atomic<std::int64_t>>;
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, Room room)
        : FSWritableFileOwnerWrapper(std::move(file)), room_(std::move(room)) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const auto size = static_cast<std::int64_t>(data.size());
      const std::int64_t left = room_->fetch_sub(size) - size;
      if (left >= 0) return target()->Append(data, options, debug);
      const auto fits = static_cast<std::size_t>(std::max<std::int64_t>(0, size + left));
      const rocksdb::IOStatus status = target()->Append(rocksdb::Slice(data.data(), fits), options, debug);
      return status.ok() ? rocksdb::IOStatus::NoSpace("the disk of this test is full") : status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }

   private:
    Room room_;
  };
  Room room_ = std::make_shared<std::atomic<std::int64_t>>(std::int64_t{1} << 60);
};

}  // namespace winnow
