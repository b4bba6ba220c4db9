// Builds an inverted file from vectors: centroids, lists, codes.
#pragma once

#include <memory>

#include "index/ivf_index.h"

namespace winnow {

// The lists that a catalogue of this size is split into by default.
std::uint32_t default_lists(std::uint32_t items);

// vectors: as space.store made them; rows that are not present may hold anything. O(items * lists * dims).
std::unique_ptr<IvfIndex> build_ivf(MetricSpace space, StoredVectors vectors, const RowSet& present,
                                    const IndexOptions& options);

}  // namespace winnow
