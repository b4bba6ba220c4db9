// How much effort a wanted recall takes, measured on real queries; and a check that an index still answers as
// it did.
#pragma once

#include <span>

#include "base/result.h"
#include "index/vector_index.h"

namespace winnow {

struct TuneOptions {
  std::uint32_t limit = 50;     // the k of recall@k
  float target_recall = 0.95f;  // in (0, 1]
  std::uint32_t most_queries = 512;
  // What gives the exact answers; null: of the rows that the index holds. One of more rows counts against an
  // index what was left out of it.
  const VectorIndex* oracle = nullptr;
};

// The cheapest effort, by bytes read, whose recall@limit against the exact answers surely reaches the target
// on every other query: by more than their sampling error, so that other queries reach it too. The recall
// stated is that of the queries between them. Where no effort reaches the target, the result is the greatest
// one tried, and its recall says so. queries: any number x dims, best those of real users. Deterministic.
// Errors: invalid (fewer than two queries, a target out of range). O(queries * items * dims) for the exact
// answers.
Result<Tuning> tune(const VectorIndex& index, std::span<const float> queries, const TuneOptions& options);

// recall@limit of the index with this effort, against the exact answers. queries: any number x dims, at least
// one.
double measure_recall(const VectorIndex& index, std::span<const float> queries, const SearchOptions& options);

// What the index answers to this query now.
HealthCheck make_health_check(const VectorIndex& index, std::span<const float> query,
                              std::uint32_t limit = 10);

// corrupt when the index no longer gives the answer of its profile's health check; scores may differ by
// rounding, and equal ones may trade places. Fine when it has none.
Status check_health(const VectorIndex& index);

}  // namespace winnow
