// FileDescriptor: an open file of the operating system, closed with the value.
#pragma once

#include <unistd.h>

namespace winnow {

class FileDescriptor final {
 public:
  // fd: owned; negative when opening failed (errno says why).
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace winnow
