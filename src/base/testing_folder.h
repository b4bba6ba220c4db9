// For tests: a temporary folder, and files in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "base/check.h"
#include "base/temporary_folder.h"

namespace winnow {

// In memory where there is room: what a test wants is speed, and what it must not lose it kills itself.
inline std::filesystem::path scratch_space() {
  std::error_code error;
  const auto memory = std::filesystem::space("/dev/shm", error);
  const bool roomy = !error && memory.available > (1ull << 30);
  return roomy ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
}

class TestFolder final {
 public:
  TestFolder() : folder_(made()) {}

  const std::filesystem::path& path() const { return folder_.path(); }

  // path()/name with these bytes.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  static TemporaryFolder made() {
    Result<TemporaryFolder> folder = TemporaryFolder::create("test", scratch_space());
    WINNOW_CHECK(folder.ok());
    return std::move(folder).value();
  }

  TemporaryFolder folder_;
};

}  // namespace winnow
