// One writer at a time in a folder that several processes share.
//
// An flock on FOLDER/lock: the kernel lets go of it when the holder ends, however it ends. Readers take none.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace winnow {

class DirectoryLock final {
 public:
  // Waits for the present holder.
  static Result<DirectoryLock> acquire(const std::filesystem::path& folder);
  // conflict when another holds it; `busy` tells the user what that means and what to do.
  static Result<DirectoryLock> try_acquire(const std::filesystem::path& folder, std::string_view busy);

  DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  static Result<DirectoryLock> lock(const std::filesystem::path& folder, int operation,
                                    std::string_view busy);
  int fd_;
};

}  // namespace winnow
