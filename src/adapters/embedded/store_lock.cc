#include "adapters/embedded/store_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace winnow {

Result<StoreLock> StoreLock::take(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "WRITER";
  StoreLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.fd_ < 0) return file_error(errno, "cannot open", path);
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return file_error(errno, "cannot lock", path);
    const auto holder = read_file(path, 64);
    const std::string process = holder.ok() && !trim(*holder).empty()
                                    ? fmt::format("process {}", trim(*holder))
                                    : std::string("another process");
    return Error{ErrorCode::conflict,
                 fmt::format("the store {} is in use by {}: stop it first, or give another --data folder",
                             directory.string(), process)};
  }
  // For people only; the lock counts, not the text, so a full disk is no reason to stop.
  const std::string text = fmt::format("{}\n", ::getpid());
  [[maybe_unused]] const bool told =
      ::ftruncate(lock.fd_, 0) == 0 && ::pwrite(lock.fd_, text.data(), text.size(), 0) > 0;
  return lock;
}

StoreLock::~StoreLock() {
  if (fd_ >= 0) ::close(fd_);
}

StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace winnow
