#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "index/flat_index.h"
#include "index/hnsw_index.h"
#include "index/ivf_build.h"
#include "index/scan_kernels.h"
#include "index/vector_index.h"

namespace winnow {

namespace {

constexpr std::uint32_t kMaxDims = 4096;
// Positions and fresh slots share 32 bits.
constexpr std::size_t kMaxRows = std::size_t{1} << 30;

Status check(std::span<const float> vectors, std::uint32_t dims, const IndexOptions& options,
             const RowSet* present) {
  if (dims == 0 || dims > kMaxDims) {
    return Error{ErrorCode::invalid, fmt::format("{} dimensions: give 1 to {}", dims, kMaxDims), "dims"};
  }
  if (vectors.size() % dims != 0) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} numbers are not whole vectors of {} dimensions", vectors.size(), dims),
                 "vectors"};
  }
  if (vectors.size() / dims > kMaxRows) {
    return Error{ErrorCode::too_large,
                 fmt::format("{} vectors: the limit is {}", vectors.size() / dims, kMaxRows), "vectors"};
  }
  if (options.lists > vectors.size() / dims + 16) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} lists for {} vectors: give at most as many, or 0 to choose", options.lists,
                             vectors.size() / dims),
                 "lists"};
  }
  if (options.cpu) WINNOW_RETURN_IF_ERROR(check_cpu_level(*options.cpu, kHighestScanLevel));
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (std::isfinite(vectors[i])) continue;
    const auto row = static_cast<std::uint32_t>(i / dims);
    if (present != nullptr && !present->contains(row)) continue;
    return Error{ErrorCode::invalid,
                 fmt::format("row {} has a number that is not finite in dimension {}: leave the row out", row,
                             i % dims),
                 "vectors"};
  }
  return {};
}

StoredVectors store(const MetricSpace& space, std::span<const float> vectors, const RowSet& present) {
  auto memory = std::make_shared<AlignedFloats>();
  StoredVectors stored;
  stored.dims = space.stored_dims();
  stored.rows = static_cast<std::uint32_t>(vectors.size() / space.dims());
  memory->resize(std::size_t{stored.rows} * stored.dims);
  for (std::uint32_t row = 0; row < stored.rows; ++row) {
    const std::span<float> out = std::span(*memory).subspan(std::size_t{row} * stored.dims, stored.dims);
    if (present.contains(row)) {
      space.store(vectors.subspan(std::size_t{row} * space.dims(), space.dims()), out);
    } else {
      std::fill(out.begin(), out.end(), 0.0f);
    }
  }
  stored.data = memory->data();
  stored.owner = std::move(memory);
  return stored;
}

}  // namespace

Result<std::unique_ptr<VectorIndex>> build_index(std::span<const float> vectors, std::uint32_t dims,
                                                 const IndexOptions& options, const RowSet* present) {
  WINNOW_RETURN_IF_ERROR(check(vectors, dims, options, present));
  const auto rows = static_cast<std::uint32_t>(vectors.size() / dims);
  RowSet in(rows, present == nullptr);
  if (present != nullptr) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (present->contains(row)) in.insert(row);
    }
  }
  MetricSpace space = MetricSpace::learn(options.metric, dims, vectors, &in);
  StoredVectors stored = store(space, vectors, in);
  std::vector<std::uint32_t> listed;
  switch (options.kind) {
    case IndexKind::flat:
      for (std::uint32_t row = 0; row < rows; ++row) {
        if (in.contains(row)) listed.push_back(row);
      }
      return std::unique_ptr<VectorIndex>(
          std::make_unique<FlatIndex>(std::move(space), std::move(stored), std::move(listed),
                                      options.cpu.value_or(best_cpu_level(kHighestScanLevel))));
    case IndexKind::ivf_int8:
    case IndexKind::ivf_int4:
      return std::unique_ptr<VectorIndex>(build_ivf(std::move(space), std::move(stored), in, options));
    case IndexKind::hnsw:
      return build_hnsw(std::move(space), std::move(stored), in, options);
  }
  return Error{ErrorCode::internal, "an unknown kind of index"};
}

}  // namespace winnow
