// How much effort a wanted recall takes, measured on real queries; and a check that an index still answers as
// it did.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "index/vector_index.h"

namespace winnow {

struct TuneOptions {
  std::uint32_t limit = 50;     // the k of recall@k
  float target_recall = 0.95f;  // in (0, 1]
  std::uint32_t most_queries = 512;
};

// Queries, each with the rows of its exact answer, rising.
struct Exam {
  std::vector<float> queries;  // answers.size() x dims
  std::uint32_t dims = 0;
  std::vector<std::vector<std::uint32_t>> answers;

  std::span<const float> query(std::size_t i) const {
    return std::span(queries).subspan(i * std::size_t{dims}, dims);
  }
};

// What the oracle's rows answer, `limit` of them. queries: any number x dims. O(queries x rows x dims).
Exam set_exam(const VectorIndex& oracle, std::span<const float> queries, std::size_t limit);

// The cheapest effort, by search_price, whose recall@limit against the exact answers surely reaches the
// target on every other query: by more than their sampling error, so that other queries reach it too. The
// recall stated is that of the queries between them. Where no effort reaches the target, the result is the
// greatest one tried, and its recall says so. queries: any number x dims, best those of real users.
// Deterministic. Errors: invalid (fewer than two queries, a target out of range). O(queries * items * dims)
// for the exact answers.
Result<Tuning> tune(const VectorIndex& index, std::span<const float> queries, const TuneOptions& options);
// The same by an exam of options.limit rows an answer, all its queries. It may be of more rows than the index
// holds: what was left out then counts against its recall.
Result<Tuning> tune(const VectorIndex& index, const Exam& exam, const TuneOptions& options);

// What a search by the index's own effort costs on the mean of these queries (any number x dims, at least
// one), in bytes that could be read meanwhile: to compare inverted files of the same vectors by. 0 for other
// kinds.
double search_price(const VectorIndex& index, std::span<const float> queries, std::size_t limit);

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
