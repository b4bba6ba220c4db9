#include "batch/work_folder.h"

#include <array>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "registry/sealed_json.h"

namespace winnow {

namespace {

std::string_view as_text(const std::array<char, 16>& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

Result<WorkFolder> WorkFolder::open(const std::filesystem::path& directory, const Hash128& fingerprint) {
  WINNOW_RETURN_IF_ERROR(make_directories(directory));
  WINNOW_TRY(
      DirectoryLock lock,
      DirectoryLock::try_acquire(directory, "another training runs on this store: wait until it is done"));
  const std::filesystem::path folder = directory / hex(fingerprint);
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_directory() && it->path() != folder) WINNOW_RETURN_IF_ERROR(remove_folder(it->path()));
  }
  if (error) return file_error(error.value(), "cannot list", directory);
  WINNOW_RETURN_IF_ERROR(make_directories(folder));
  return WorkFolder(folder, std::move(lock));
}

std::optional<std::string> WorkFolder::load(std::string_view step) const {
  auto bytes = read_file(folder_ / step);
  constexpr std::size_t kChecksumBytes = 16;
  if (!bytes.ok() || bytes->size() < kChecksumBytes) return std::nullopt;
  std::string output = bytes->substr(kChecksumBytes);
  if (as_text(hash128(output).bytes()) != std::string_view(*bytes).substr(0, kChecksumBytes))
    return std::nullopt;
  return output;
}

Status WorkFolder::save(std::string_view step, std::string_view output) const {
  std::string bytes(as_text(hash128(output).bytes()));
  bytes += output;
  return write_file_atomically(folder_ / step, bytes);
}

Status WorkFolder::clear() const { return remove_folder(folder_); }

}  // namespace winnow
