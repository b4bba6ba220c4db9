#include "index/list_reach.h"

#include <gmock/gmock.h>

#include <cmath>

#include "index/testing_vectors.h"

namespace winnow {
namespace {

// An index with a query, and the score of every centroid for it.
struct Asked {
  Asked(const TestVectors& data, Metric metric, std::size_t q)
      : built(*build_index(data.items, data.dims, {.metric = metric})),
        index(dynamic_cast<const IvfIndex&>(*built)),
        query(index.parts().space.query(data.query(q)).vector),
        codes(index.parts(), query) {
    const IvfParts& parts = index.parts();
    Collector scored(parts.lists);
    index.kernels().scan_int8({parts.centroids.data(), nullptr, nullptr, 0, parts.lists},
                              codes.for_centroids(), parts.vectors.dims, scored);
    centroid_score.resize(parts.lists);
    const auto found = scored.finish();
    for (std::size_t i = 0; i < found.size(); ++i) centroid_score[found[i]] = scored.score(i);
  }

  // The product with the item at a position.
  float product(std::uint32_t position) const {
    const IvfParts& parts = index.parts();
    const std::span<const float> item = parts.vectors.row(parts.row_at[position]);
    double sum = 0;
    for (std::size_t d = 0; d < item.size(); ++d) sum += static_cast<double>(item[d]) * query[d];
    return static_cast<float>(sum);
  }

  std::unique_ptr<VectorIndex> built;
  const IvfIndex& index;
  AlignedFloats query;
  QueryCodes codes;
  std::vector<std::int32_t> centroid_score;
};

class EveryMetric : public testing::TestWithParam<Metric> {};

TEST_P(EveryMetric, PassesOverHardlyAnythingThatBeatsTheThreshold) {
  const TestVectors data = clustered_vectors(12000, 48, 1);
  for (std::size_t q = 0; q < 5; ++q) {
    const Asked asked(data, GetParam(), q);
    const IvfParts& parts = asked.index.parts();
    const ListReach reach(parts, asked.codes, 4.5f);
    std::vector<float> products;
    for (std::uint32_t position = 0; position < parts.items; ++position)
      products.push_back(asked.product(position));
    std::vector<float> ranked = products;
    std::sort(ranked.begin(), ranked.end(), std::greater<>());
    // The integer score of the hundredth best.
    const float worst = ranked[100];
    const std::int32_t threshold = asked.codes.code_steps(worst - asked.codes.code_product(0));
    EXPECT_NEAR(asked.codes.code_product(threshold), worst, 0.01 * std::abs(worst));
    std::uint32_t missed = 0;
    std::uint32_t read = 0;
    for (std::uint32_t list = 0; list < parts.lists; ++list) {
      const std::uint32_t end = reach.end(list, asked.centroid_score[list], threshold);
      read += end - parts.list_begin[list];
      for (std::uint32_t position = end; position < parts.list_begin[list + 1]; ++position) {
        missed += products[position] > worst ? 1 : 0;
      }
    }
    EXPECT_LE(missed, 5u);
    EXPECT_LT(read, parts.items * 3 / 4);
  }
}

TEST_P(EveryMetric, ExpectsManyAboveWhereThereAreManyAndFewWhereFew) {
  const TestVectors data = clustered_vectors(12000, 48, 2);
  for (const double rank : {50.0, 500.0, 3000.0, 9000.0}) {
    double expected = 0;
    constexpr std::size_t kQueries = 5;
    for (std::size_t q = 0; q < kQueries; ++q) {
      const Asked asked(data, GetParam(), q);
      const IvfParts& parts = asked.index.parts();
      std::vector<float> products;
      for (std::uint32_t position = 0; position < parts.items; ++position)
        products.push_back(asked.product(position));
      const auto at = products.begin() + static_cast<std::ptrdiff_t>(rank);
      std::nth_element(products.begin(), at, products.end(), std::greater<>());
      const ListReach reach(parts, asked.codes, 4.5f);
      for (std::uint32_t list = 0; list < parts.lists; ++list) {
        const auto items = static_cast<float>(parts.list_begin[list + 1] - parts.list_begin[list]);
        expected += reach.expected_above(list, asked.centroid_score[list], *at, items);
      }
    }
    EXPECT_GT(expected / kQueries, rank / 4);
    EXPECT_LT(expected / kQueries, rank * 4);
  }
}

INSTANTIATE_TEST_SUITE_P(Metrics, EveryMetric,
                         testing::Values(Metric::inner_product, Metric::cosine, Metric::l2),
                         [](const auto& metric) { return std::string(name_of(metric.param)); });

}  // namespace
}  // namespace winnow
