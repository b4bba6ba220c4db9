// Vector indexes on disk (docs/formats/vector-index.md).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.h"
#include "index/vector_index.h"

namespace winnow {

// Writes a flat or ivf index with its profile: a temporary file, synced, renamed into place. unsupported for
// hnsw, which is built anew from its vectors. O(bytes).
Status save_index(const VectorIndex& index, const std::filesystem::path& path);

struct LoadIndexOptions {
  // Every checksum, at the speed of memory; else those of all but codes and vectors, which takes milliseconds
  // whatever the size: damage there can make answers wrong, which the health check may catch, but nothing
  // worse.
  bool verify_all = false;
  // Copies the file into memory with huge pages, which searches fastest; else it is mapped, and read as it is
  // needed.
  bool into_memory = false;
  bool check_health = true;
  std::optional<CpuLevel> cpu{};  // unset: the best of this machine
};

// Errors: not_found; unsupported (another version); corrupt (damaged, truncated, no such file, a wrong answer
// to the health check), whose message says to build anew or to take the previous snapshot.
Result<std::unique_ptr<VectorIndex>> load_index(const std::filesystem::path& path,
                                                const LoadIndexOptions& options = {});

}  // namespace winnow
