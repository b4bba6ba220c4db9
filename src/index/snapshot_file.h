// A file of checksummed sections: written whole or not at all, read by mapping it.
//
// docs/formats/vector-index.md states the layout. Sections begin on pages, so what was written from aligned
// memory can be used where it lies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

enum class SectionId : std::uint32_t {
  meta = 1,
  centroids = 2,
  list_begin = 3,
  codes = 4,
  row_at = 5,
  live = 6,
  vectors = 7,
  rows = 8,
  block_length = 9,
  shapes = 10,
};

struct Section {
  SectionId id;
  std::string_view bytes;
};

// A temporary file beside the path, synced, then renamed over it: a reader sees the old file or the new one.
Status write_sections(const std::filesystem::path& path, std::span<const Section> sections);

class SnapshotFile final {
 public:
  struct Options {
    bool verify_all = false;   // checksums of the big sections too (codes, vectors)
    bool into_memory = false;  // read the file into memory with huge pages, instead of mapping it
  };

  // not_found, corrupt (damaged, truncated, not such a file), unsupported (another version).
  static Result<SnapshotFile> open(const std::filesystem::path& path, const Options& options);

  std::uint32_t version() const { return version_; }
  // Empty when there is none.
  std::string_view section(SectionId id) const;
  // Keeps the bytes of all sections alive.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  SnapshotFile() = default;

  std::uint32_t version_ = 0;
  std::shared_ptr<const void> owner_;
  std::vector<Section> sections_;
};

}  // namespace winnow
