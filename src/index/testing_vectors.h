// Vectors for tests of the index: clusters of unequal size and length, as learned vectors have them, and slow
// references.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "index/row_set.h"
#include "index/vector_index.h"
#include "math/scored_row.h"

namespace winnow {

struct TestVectors {
  std::uint32_t dims = 0;
  std::vector<float> items;
  std::vector<float> queries;

  std::uint32_t rows() const { return static_cast<std::uint32_t>(items.size() / dims); }
  std::span<const float> item(std::size_t i) const { return std::span(items).subspan(i * dims, dims); }
  std::span<const float> query(std::size_t i) const { return std::span(queries).subspan(i * dims, dims); }
};

inline TestVectors clustered_vectors(std::uint32_t rows, std::uint32_t dims, std::uint64_t seed,
                                     std::uint32_t queries = 50) {
  Random random(seed);
  constexpr std::uint32_t kClusters = 60;
  std::vector<float> centres(std::size_t{kClusters} * dims);
  for (float& x : centres) x = static_cast<float>(random.normal());
  const auto near_centre = [&](std::vector<float>& to, double spread, double length) {
    const auto cluster = static_cast<std::uint32_t>(kClusters * random.uniform() * random.uniform());
    for (std::uint32_t d = 0; d < dims; ++d) {
      to.push_back(
          static_cast<float>(length * (centres[std::size_t{cluster} * dims + d] + spread * random.normal())));
    }
  };
  TestVectors made;
  made.dims = dims;
  for (std::uint32_t i = 0; i < rows; ++i) near_centre(made.items, 0.5, 0.5 + random.uniform());
  for (std::uint32_t i = 0; i < queries; ++i) near_centre(made.queries, 0.7, 1);
  return made;
}

inline double reference_score(Metric metric, std::span<const float> query, std::span<const float> item) {
  double product = 0;
  double query_square = 0;
  double item_square = 0;
  double distance = 0;
  for (std::size_t d = 0; d < query.size(); ++d) {
    const double q = query[d];
    const double x = item[d];
    product += q * x;
    query_square += q * q;
    item_square += x * x;
    distance += (q - x) * (q - x);
  }
  if (metric == Metric::inner_product) return product;
  if (metric == Metric::l2) return -distance;
  return query_square > 0 && item_square > 0 ? product / std::sqrt(query_square * item_square) : 0;
}

inline std::vector<std::uint32_t> reference_search(Metric metric, const TestVectors& data,
                                                   std::span<const float> query, std::size_t limit,
                                                   const RowSet* allowed = nullptr) {
  std::vector<std::pair<double, std::uint32_t>> scored;
  for (std::uint32_t row = 0; row < data.rows(); ++row) {
    if (allowed != nullptr && !allowed->contains(row)) continue;
    scored.emplace_back(-reference_score(metric, query, data.item(row)), row);
  }
  limit = std::min(limit, scored.size());
  std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(limit), scored.end());
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < limit; ++i) rows.push_back(scored[i].second);
  return rows;
}

inline double recall_of(std::span<const ScoredRow> found, std::span<const std::uint32_t> truth) {
  if (truth.empty()) return 1;
  double hits = 0;
  for (const ScoredRow& one : found) hits += std::count(truth.begin(), truth.end(), one.item) > 0 ? 1 : 0;
  return hits / static_cast<double>(truth.size());
}

}  // namespace winnow
