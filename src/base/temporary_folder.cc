#include "base/temporary_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"

namespace winnow {

Result<TemporaryFolder> TemporaryFolder::create(std::string_view purpose,
                                                const std::filesystem::path& parent) {
  std::string name = (parent / fmt::format("winnow-{}-XXXXXX", purpose)).string();
  if (::mkdtemp(name.data()) == nullptr) return file_error(errno, "cannot create", name);
  return TemporaryFolder(std::filesystem::path(name));
}

TemporaryFolder::TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, std::filesystem::path())) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, std::filesystem::path());
  }
  return *this;
}

TemporaryFolder::~TemporaryFolder() { remove(); }

void TemporaryFolder::remove() noexcept {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace winnow
