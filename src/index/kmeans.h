// K-means for inverted lists: int8 centroids found on a sample, and the nearest list of every vector.
//
// Points and centroids meet as int8 codes (block_codes.h), which costs no recall worth measuring and makes a
// build several times faster; sums stay in floats. Everything is deterministic: the same at every CPU level,
// with any number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/exact_scores.h"
#include "index/metric_space.h"
#include "index/rotation.h"
#include "index/scan_kernels.h"
#include "math/aligned.h"

namespace winnow {

using AlignedBytes = std::vector<std::uint8_t, CacheAligned<std::uint8_t>>;

// What is clustered: chosen rows of stored vectors, in a metric's space.
struct ClusteringInput {
  const MetricSpace& space;
  const Rotation& rotation;
  const StoredVectors& vectors;
  std::span<const std::uint32_t> rows;
  const ScanKernels& kernels;
};

struct ClusteringOptions {
  std::uint32_t lists = 1;  // at least 1
  std::uint32_t iterations = 8;
  std::uint32_t sample_per_list = 48;
  std::uint32_t threads = 1;
  std::uint64_t seed = 1;
};

struct Centroids {
  AlignedBytes codes;  // blocks of int8 codes
  float scale = 1;     // a byte is 128 and about scale times the rotated coordinate
};

// O(iterations * lists^2 * sample_per_list * dims).
Centroids find_centroids(const ClusteringInput& input, const ClusteringOptions& options);

// The list of each of input.rows. O(rows * lists * dims).
std::vector<std::uint32_t> nearest_lists(const ClusteringInput& input,
                                         std::span<const std::uint8_t> centroids, std::uint32_t lists,
                                         std::uint32_t threads);

}  // namespace winnow
