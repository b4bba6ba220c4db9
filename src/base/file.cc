#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file_descriptor.h"

namespace winnow {

namespace {

// Makes the names in a folder durable.
Status sync_parent_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return file_error(errno, "cannot sync", folder);
  return {};
}

}  // namespace

Error file_error(int errno_value, std::string_view doing, const std::filesystem::path& path) {
  ErrorCode code = ErrorCode::unavailable;
  std::string_view remedy = "check the path and the disk";
  switch (errno_value) {
    case ENOENT:
      code = ErrorCode::not_found;
      remedy = "check the path";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = ErrorCode::forbidden;
      remedy = "check the owner and mode of the file and its folder";
      break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      code = ErrorCode::exhausted;
      remedy = "free space on the disk and try again; nothing was lost";
      break;
    default:
      break;
  }
  return {code, fmt::format("{} {}: {}: {}", doing, path.string(), std::strerror(errno_value), remedy)};
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error(errno, "cannot open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return file_error(errno, "cannot read", path);
  if (S_ISDIR(info.st_mode)) {
    return Error{ErrorCode::invalid, fmt::format("{} is a folder: name a file", path.string())};
  }
  if (static_cast<std::uint64_t>(info.st_size) > limit_bytes) {
    return Error{ErrorCode::too_large,
                 fmt::format("{} has {} bytes: the limit is {}", path.string(), info.st_size, limit_bytes)};
  }
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error(errno, "cannot read", path);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

Status write_at(const FileDescriptor& file, std::uint64_t offset, std::string_view bytes,
                const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error(errno, "cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Status write_file_atomically(const std::filesystem::path& path,
                             const std::function<Status(const FileDescriptor&)>& write) {
  std::filesystem::path temporary = path;
  temporary += fmt::format(".tmp.{}", ::getpid());
  const auto finish = [&]() -> Status {
    const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return file_error(errno, "cannot create", temporary);
    WINNOW_RETURN_IF_ERROR(write(file));
    if (::fsync(file.get()) != 0) return file_error(errno, "cannot write", path);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return file_error(errno, "cannot replace", path);
    return {};
  };
  Status finished = finish();
  if (!finished.ok()) {
    ::unlink(temporary.c_str());
    return finished;
  }
  return sync_parent_of(path);
}

Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  return write_file_atomically(path,
                               [&](const FileDescriptor& file) { return write_at(file, 0, bytes, path); });
}

Status publish_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return file_error(errno, "cannot put into place", to);
  return sync_parent_of(to);
}

Status remove_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return file_error(error.value(), "cannot remove", path);
  return {};
}

Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return file_error(error.value(), "cannot create the folder", path);
  return {};
}

}  // namespace winnow
