// manifest.json of a dump: what belongs to it, and the sums to check it by. See docs/formats/dump.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace winnow {

struct DumpManifest {
  static constexpr std::string_view kFileName = "manifest.json";
  static constexpr std::int64_t kVersion = 1;

  struct File {
    std::string name;  // within the folder
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::string sha256;
  };
  TimestampMs created_ms = 0;
  File items;
  File users;
  File events;

  std::string json() const;
  // not_found without a manifest, unsupported for another version, corrupt for a manifest that is none.
  static Result<DumpManifest> read(const std::filesystem::path& folder);
  // corrupt, naming the file, unless every file is there with its sums.
  Status check_files(const std::filesystem::path& folder) const;
};

}  // namespace winnow
