// What the tests of this room share: a folder that goes away.
//
// In memory where there is room for it: what is tested is that the store asks for its syncs in the right
// places and comes back after a killed process, for which a disk would only cost time.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"

namespace winnow {

class TemporaryFolder final {
 public:
  TemporaryFolder() {
    std::error_code error;
    const auto memory = std::filesystem::space("/dev/shm", error);
    const bool roomy = !error && memory.available > (1ull << 30);
    const std::filesystem::path parent = roomy ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string name = (parent / "winnow-test-XXXXXX").string();
    WINNOW_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace winnow
