// What every kind of index promises, against a slow reference.
#include "index/vector_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include "base/random.h"
#include "index/flat_index.h"
#include "index/ivf_index.h"
#include "index/scan_kernels.h"
#include "index/testing_vectors.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Case {
  IndexKind kind;
  Metric metric;
};

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  return std::string(name_of(info.param.kind)) + "_" + std::string(name_of(info.param.metric));
}

class EveryIndex : public testing::TestWithParam<Case> {
 protected:
  IndexOptions options() const {
    IndexOptions options;
    options.kind = GetParam().kind;
    options.metric = GetParam().metric;
    return options;
  }
};

TEST_P(EveryIndex, FindsNearlyAllOfTheBestRowsWithExactScores) {
  const TestVectors data = clustered_vectors(20000, 48, 1);
  const auto index = build_index(data.items, data.dims, options());
  ASSERT_TRUE(index.ok()) << index.error().message;
  double recall = 0;
  constexpr std::size_t kQueries = 50;
  for (std::size_t q = 0; q < kQueries; ++q) {
    const auto query = data.query(q);
    const auto found = (*index)->search(query, {.limit = 20, .effort = {.nprobe = 60, .rerank = 300}});
    ASSERT_THAT(found, SizeIs(20));
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), RanksBefore()));
    for (const ScoredRow& one : found) {
      const double expected = reference_score(GetParam().metric, query, data.item(one.item));
      EXPECT_NEAR(one.score, expected, 1e-4 * (1 + std::abs(expected)));
    }
    recall += recall_of(found, reference_search(GetParam().metric, data, query, 20));
  }
  EXPECT_GT(recall / kQueries, GetParam().kind == IndexKind::flat ? 0.9999 : 0.95);
}

TEST_P(EveryIndex, ReturnsOnlyRowsThatPassTheFilter) {
  const TestVectors data = clustered_vectors(20000, 32, 2);
  const auto index = build_index(data.items, data.dims, options());
  ASSERT_TRUE(index.ok());
  Random random(3);
  for (const double part : {0.5, 0.3, 0.1, 0.01, 0.0005}) {
    RowSet allowed(data.rows());
    for (std::uint32_t row = 0; row < data.rows(); ++row) {
      if (random.uniform() < part) allowed.insert(row);
    }
    const auto filter = (*index)->prepare_filter(allowed);
    double recall = 0;
    for (std::size_t q = 0; q < 20; ++q) {
      const auto found = (*index)->search(
          data.query(q), {.limit = 20, .effort = {.nprobe = 60, .rerank = 300}, .filter = filter.get()});
      ASSERT_THAT(found, SizeIs(std::min<std::size_t>(20, allowed.count())));
      for (const ScoredRow& one : found) EXPECT_TRUE(allowed.contains(one.item));
      recall += recall_of(found, reference_search(GetParam().metric, data, data.query(q), 20, &allowed));
    }
    EXPECT_GT(recall / 20, 0.9) << part;
  }
}

// Filters that go with the query or against it, loosely or to the letter. What is farthest has its best items
// close together at the border, where codes cannot tell them apart.
TEST_P(EveryIndex, FindsTheBestThroughFiltersThatLeanTowardsTheQueryOrAwayFromIt) {
  Random random(9);
  const TestVectors data = clustered_vectors(20000, 32, 8);
  const auto index = build_index(data.items, data.dims, options());
  ASSERT_TRUE(index.ok());
  for (const bool nearest : {true, false}) {
    for (const double noise : {1.2, 0.0}) {
      double recall = 0;
      for (std::size_t q = 0; q < 10; ++q) {
        std::vector<float> leaning(data.query(q).begin(), data.query(q).end());
        for (float& x : leaning) x += static_cast<float>(noise * random.normal());
        const auto ranked = reference_search(GetParam().metric, data, leaning, data.rows());
        RowSet allowed(data.rows());
        for (std::size_t i = 0; i < 6000; ++i)
          allowed.insert(nearest ? ranked[i] : ranked[ranked.size() - 1 - i]);
        const auto filter = (*index)->prepare_filter(allowed);
        const auto found = (*index)->search(
            data.query(q), {.limit = 20, .effort = {.nprobe = 60, .rerank = 100}, .filter = filter.get()});
        recall += recall_of(found, reference_search(GetParam().metric, data, data.query(q), 20, &allowed));
      }
      EXPECT_GT(recall / 10, 0.95) << nearest << " " << noise;
    }
  }
}

TEST_P(EveryIndex, SearchesThroughAFilterWithQueriesThatOverflowOrAreZero) {
  const TestVectors data = clustered_vectors(20000, 32, 10);
  const auto index = build_index(data.items, data.dims, options());
  ASSERT_TRUE(index.ok());
  RowSet allowed(data.rows());
  for (std::uint32_t row = 0; row < data.rows(); row += 2) allowed.insert(row);
  const auto filter = (*index)->prepare_filter(allowed);
  for (const float size : {0.0f, 1e-42f, 1e19f, 3e38f}) {
    std::vector<float> query(data.query(0).begin(), data.query(0).end());
    for (float& x : query) x = std::clamp(x, -1.0f, 1.0f) * size;
    for (const ScoredRow& one : (*index)->search(query, {.limit = 20, .filter = filter.get()})) {
      EXPECT_TRUE(std::isfinite(one.score));
      EXPECT_TRUE(allowed.contains(one.item));
    }
  }
}

TEST_P(EveryIndex, LeavesOutRowsThatAreNotPresent) {
  const TestVectors data = clustered_vectors(3000, 32, 4);
  RowSet present(data.rows());
  for (std::uint32_t row = 0; row < data.rows(); row += 3) present.insert(row);
  const auto index = build_index(data.items, data.dims, options(), &present);
  ASSERT_TRUE(index.ok());
  EXPECT_EQ((*index)->info().items, 1000u);
  const auto found = (*index)->search(data.query(0), {.limit = 5000, .effort = {.nprobe = 10000}});
  std::set<std::uint32_t> rows;
  for (const ScoredRow& one : found) rows.insert(one.item);
  EXPECT_GT(rows.size(), 950u);
  EXPECT_EQ(rows.size(), found.size());
  for (const std::uint32_t row : rows) EXPECT_EQ(row % 3, 0u);
}

TEST_P(EveryIndex, HandlesFewOrNoOrZeroVectors) {
  for (const std::uint32_t rows : {0u, 1u, 2u, 17u}) {
    const std::vector<float> zeros(std::size_t{rows} * 5, 0.0f);
    const auto index = build_index(zeros, 5, options());
    ASSERT_TRUE(index.ok()) << index.error().message;
    const auto found = (*index)->search(std::vector<float>{1, 2, 3, 4, 5}, {.limit = 10});
    EXPECT_THAT(found, SizeIs(std::min(rows, 10u)));
    EXPECT_THAT((*index)->search(std::vector<float>(5, 0.0f), {.limit = 0}), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, EveryIndex,
    testing::Values(Case{IndexKind::flat, Metric::inner_product}, Case{IndexKind::flat, Metric::cosine},
                    Case{IndexKind::flat, Metric::l2}, Case{IndexKind::ivf_int8, Metric::inner_product},
                    Case{IndexKind::ivf_int8, Metric::cosine}, Case{IndexKind::ivf_int8, Metric::l2},
                    Case{IndexKind::ivf_int4, Metric::inner_product},
                    Case{IndexKind::ivf_int4, Metric::cosine}, Case{IndexKind::ivf_int4, Metric::l2}),
    name_of_case);

TEST(FlatIndex, AnswersManyQueriesAsItAnswersEachOfThem) {
  const TestVectors data = clustered_vectors(9000, 48, 11);
  for (const Metric metric : {Metric::inner_product, Metric::cosine, Metric::l2}) {
    const auto index = build_index(data.items, data.dims, {.metric = metric});
    ASSERT_TRUE(index.ok());
    const std::unique_ptr<FlatIndex> exact = (*index)->exact();
    const auto answers = exact->search_many(data.queries, 30);
    ASSERT_THAT(answers, SizeIs(data.queries.size() / data.dims));
    for (std::size_t q = 0; q < answers.size(); ++q) {
      EXPECT_EQ(answers[q], exact->search(data.query(q), {.limit = 30}));
    }
    EXPECT_THAT(exact->search_many({}, 30), IsEmpty());
    EXPECT_THAT(exact->search_many(data.query(0), 0), ElementsAre(IsEmpty()));
  }
}

TEST(IvfIndex, TakesNoMoreMemoryThanItsCodesAndAFewBytes) {
  for (const std::uint32_t rows : {10u, 1000u, 7000u}) {
    const TestVectors data = clustered_vectors(rows, 128, 6);
    const IndexInfo info = (*build_index(data.items, data.dims, {}))->info();
    // A code, its row, and a block's share of its bits and length; a centroid, its shape and beginning.
    EXPECT_LE(info.search_bytes, (rows + kBlockItems) * (128 + 4 + 6.0 / kBlockItems) +
                                     (info.lists + 1) * (128 + sizeof(ListShape) + 4.0));
  }
}

TEST(IvfIndex, AnswersAlikeAtEveryCpuLevelAndWithAnyNumberOfThreads) {
  const TestVectors data = clustered_vectors(5000, 72, 5);
  for (const IndexKind kind : {IndexKind::ivf_int8, IndexKind::ivf_int4}) {
    std::vector<std::vector<std::uint32_t>> answers;
    for (const CpuLevel level : available_cpu_levels(kHighestScanLevel)) {
      for (const std::uint32_t threads : {1u, 3u}) {
        const auto index =
            build_index(data.items, data.dims, {.kind = kind, .threads = threads, .cpu = level});
        ASSERT_TRUE(index.ok());
        std::vector<std::uint32_t> rows;
        for (std::size_t q = 0; q < 20; ++q) {
          for (const ScoredRow& one : (*index)->search(data.query(q), {.limit = 20}))
            rows.push_back(one.item);
        }
        answers.push_back(std::move(rows));
      }
    }
    for (const auto& answer : answers) EXPECT_EQ(answer, answers.front());
  }
}

TEST(BuildIndex, SaysWhatIsWrongWithItsInput) {
  const std::vector<float> six(6, 1.0f);
  EXPECT_EQ(build_index(six, 0, {}).error().field, "dims");
  EXPECT_THAT(build_index(six, 5000, {}).error().message, HasSubstr("5000"));
  EXPECT_EQ(build_index(six, 4, {}).error().field, "vectors");
  std::vector<float> bad = six;
  bad[4] = std::nanf("");
  EXPECT_THAT(build_index(bad, 2, {}).error().message, HasSubstr("row 2"));
  RowSet without(3, true);
  without.erase(2);
  EXPECT_TRUE(build_index(bad, 2, {}, &without).ok());
  EXPECT_EQ(build_index(six, 2, {.lists = 1000}).error().field, "lists");
}

TEST(IndexNames, ReadBackWhatTheyWrite) {
  for (const IndexKind kind : {IndexKind::flat, IndexKind::ivf_int8, IndexKind::ivf_int4, IndexKind::hnsw}) {
    EXPECT_EQ(*parse_index_kind(name_of(kind)), kind);
  }
  for (const Metric metric : {Metric::inner_product, Metric::cosine, Metric::l2}) {
    EXPECT_EQ(*parse_metric(name_of(metric)), metric);
  }
  EXPECT_EQ(parse_index_kind("ivf").error().field, "kind");
  EXPECT_EQ(parse_metric("dot").error().field, "metric");
}

}  // namespace
}  // namespace winnow
