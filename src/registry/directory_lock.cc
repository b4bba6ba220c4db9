#include "registry/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/file.h"

namespace winnow {

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<DirectoryLock> DirectoryLock::acquire(const std::filesystem::path& folder) {
  return lock(folder, LOCK_EX, {});
}

Result<DirectoryLock> DirectoryLock::try_acquire(const std::filesystem::path& folder, std::string_view busy) {
  return lock(folder, LOCK_EX | LOCK_NB, busy);
}

Result<DirectoryLock> DirectoryLock::lock(const std::filesystem::path& folder, int operation,
                                          std::string_view busy) {
  const std::filesystem::path path = folder / "lock";
  DirectoryLock held(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (held.fd_ < 0) return file_error(errno, "cannot open", path);
  while (::flock(held.fd_, operation) != 0) {
    if (errno == EWOULDBLOCK) return Error{ErrorCode::conflict, std::string(busy)};
    if (errno != EINTR) return file_error(errno, "cannot lock", path);
  }
  return held;
}

}  // namespace winnow
