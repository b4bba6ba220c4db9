#include "index/ivf_build.h"

#include <algorithm>
#include <cmath>

#include "index/ivf_pack.h"
#include "index/kmeans.h"
#include "index/scan_kernels.h"

namespace winnow {

namespace {

// Enough rows for a quantile of one in ten thousand coordinates.
constexpr std::size_t kQuantizerSample = 4096;

Quantizer learn_quantizer(const StoredVectors& vectors, std::span<const std::uint32_t> rows,
                          const IndexOptions& options) {
  const std::size_t size = std::min(kQuantizerSample, rows.size());
  std::vector<float> sample(size * vectors.dims);
  for (std::size_t i = 0; i < size; ++i) {
    const std::span<const float> row = vectors.row(rows[i * rows.size() / size]);
    std::copy(row.begin(), row.end(), sample.begin() + static_cast<std::ptrdiff_t>(i * vectors.dims));
  }
  const CodeWidth width = options.kind == IndexKind::ivf_int4 ? CodeWidth::int4 : CodeWidth::int8;
  return Quantizer::learn(width, options.seed, vectors.dims, sample);
}

}  // namespace

std::uint32_t default_lists(std::uint32_t items) {
  const double wanted = 4 * std::sqrt(static_cast<double>(items));
  const auto blocks = static_cast<std::uint32_t>(std::lround(wanted / kBlockItems));
  return std::max(blocks, 1u) * kBlockItems;
}

std::unique_ptr<IvfIndex> build_ivf(MetricSpace space, StoredVectors vectors, const RowSet& present,
                                    const IndexOptions& options) {
  std::vector<std::uint32_t> rows;
  rows.reserve(present.count());
  for (std::uint32_t row = 0; row < vectors.rows; ++row) {
    if (present.contains(row)) rows.push_back(row);
  }
  const auto items = static_cast<std::uint32_t>(rows.size());
  const CpuLevel cpu = options.cpu.value_or(best_cpu_level(kHighestScanLevel));
  Quantizer quantizer = learn_quantizer(vectors, rows, options);
  const ClusteringInput input = {space, quantizer.rotation(), vectors, rows, scan_kernels(cpu)};
  ClusteringOptions clustering;
  clustering.lists = options.lists != 0 ? options.lists : default_lists(items);
  clustering.iterations = options.iterations;
  clustering.sample_per_list = options.sample_per_list;
  clustering.threads = options.threads;
  clustering.seed = options.seed;
  Centroids centroids = find_centroids(input, clustering);
  const std::vector<std::uint32_t> list_of =
      nearest_lists(input, centroids.codes, clustering.lists, options.threads);

  IvfParts parts = {std::move(space), std::move(quantizer), std::move(vectors)};
  parts.trained_items = items;
  std::vector<float> scratch(parts.vectors.dims);
  pack_lists(parts, std::move(centroids), clustering.lists, {rows, list_of},
             [&](std::size_t i, std::uint8_t* out) {
               parts.quantizer.encode(parts.vectors.row(rows[i]), scratch, out);
             });
  return std::make_unique<IvfIndex>(std::move(parts), cpu);
}

}  // namespace winnow
