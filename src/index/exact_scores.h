// The last step of every search: exact scores of chosen rows, and the best of them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/metric_space.h"
#include "index/scan_kernels.h"
#include "math/scored_row.h"

namespace winnow {

// Stored vectors (metric_space.h) by row, kept alive by `owner`: in memory of their own, or mapped from a
// snapshot.
struct StoredVectors {
  const float* data = nullptr;  // rows x dims
  std::uint32_t dims = 0;
  std::uint32_t rows = 0;
  std::shared_ptr<const void> owner;

  std::span<const float> row(std::uint32_t row) const { return {data + std::size_t{row} * dims, dims}; }
};

// Calls take(i, <vector of rows[i], query>) for each of `rows`, fetching the vectors ahead. O(rows * dims).
template <class Take>
void for_each_product(const ScanKernels& kernels, const StoredVectors& vectors,
                      std::span<const std::uint32_t> rows, std::span<const float> query, const Take& take) {
  constexpr std::size_t kAhead = 12;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + kAhead < rows.size()) {
      const float* const next = vectors.row(rows[i + kAhead]).data();
      for (std::uint32_t d = 0; d < vectors.dims; d += 16) __builtin_prefetch(next + d);
    }
    take(i, kernels.exact(vectors.row(rows[i]).data(), query.data(), vectors.dims));
  }
}

// Appends {row, score} for each of `rows`. O(rows * dims).
void append_exact(const ScanKernels& kernels, const StoredVectors& vectors,
                  std::span<const std::uint32_t> rows, const MetricSpace::Query& query,
                  std::vector<ScoredRow>& to);

// The best `limit`, best first; scores that are not finite are left out.
std::vector<ScoredRow> best_of(std::vector<ScoredRow> scored, std::size_t limit);

}  // namespace winnow
