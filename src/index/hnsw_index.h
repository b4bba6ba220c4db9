// The graph index of hnswlib behind our interface; `unsupported` in a build that did not find hnswlib.
//
// The graph is built on vectors of length 1 and searched by inner products of the vectors as they are: a
// graph built by raw inner products grows hubs at the long vectors and loses recall. A few searches beyond
// `limit` are kept (the beam, SearchEffort::rerank). Built by more than one thread, the graph depends on
// their timing.
#pragma once

#include <memory>

#include "base/result.h"
#include "index/exact_scores.h"
#include "index/vector_index.h"

namespace winnow {

Result<std::unique_ptr<VectorIndex>> build_hnsw(MetricSpace space, StoredVectors vectors,
                                                const RowSet& present, const IndexOptions& options);

}  // namespace winnow
