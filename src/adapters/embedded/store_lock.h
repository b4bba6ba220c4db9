// The lock file of a store: one writing process, and its number for the one who comes second.
//
// flock(2) on directory/WRITER: the kernel lets go of it when the process ends, however it ends.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace winnow {

class StoreLock final {
 public:
  StoreLock() = default;
  // conflict, naming the process that holds it.
  static Result<StoreLock> take(const std::filesystem::path& directory);
  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  StoreLock& operator=(StoreLock&& other) noexcept;

 private:
  explicit StoreLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace winnow
