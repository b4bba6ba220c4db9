// TemporaryFolder: a folder of one's own, gone with the value.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace winnow {

class TemporaryFolder final {
 public:
  // `parent`/winnow-<purpose>-XXXXXX, readable by this user only. Errors: those of file_error.
  static Result<TemporaryFolder> create(
      std::string_view purpose, const std::filesystem::path& parent = std::filesystem::temp_directory_path());

  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path);
  void remove() noexcept;

  std::filesystem::path path_;  // empty once moved from
};

}  // namespace winnow
