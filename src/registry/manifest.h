// manifest.json of a bundle: what the bundle is, and size and checksum of every file beside it.
//
// The manifest is written last into a folder that becomes visible afterwards, and it is sealed
// (sealed_json.h), so a bundle whose manifest and files agree is exactly what training wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "base/result.h"

namespace winnow {

inline constexpr std::uint32_t kBundleFormat = 1;
inline constexpr std::string_view kBundleRemedy =
    "go back with `winnow rollback` or make a new one with `winnow train`";

struct Manifest {
  struct File {
    std::uint64_t bytes = 0;
    std::string checksum;  // XXH3-128, 32 hex digits
    friend bool operator==(const File&, const File&) = default;
  };
  TimestampMs created_ms = 0;
  std::uint64_t trained_to = 0;
  std::map<std::string, File> files;  // by name
  std::map<std::string, double> metrics;
  std::map<std::string, double> statistics;
  friend bool operator==(const Manifest&, const Manifest&) = default;

  std::uint64_t bytes() const;  // of all files together
  // "20261121-085133-1a2b3c": UTC second of creation, then the first digits of the checksum of this manifest.
  std::string version() const;
};

// Looks like a version: 8 digits, 6 digits, 6 hex digits. Keeps foreign folders, and paths, out.
bool is_version(std::string_view name);

// invalid when a metric or statistic is not finite: JSON has no word for it, and no gate could judge it.
Result<std::string> encode_manifest(const Manifest& manifest);

// path: for messages.
Result<Manifest> decode_manifest(std::string_view text, const std::filesystem::path& path);

}  // namespace winnow
