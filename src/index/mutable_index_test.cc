#include "index/mutable_index.h"

#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "index/testing_vectors.h"

namespace winnow {
namespace {

constexpr std::uint32_t kDims = 16;

std::unique_ptr<MutableIndex> open_over(const TestVectors& data, std::uint32_t rows,
                                        const MutableIndexOptions& options,
                                        IndexKind kind = IndexKind::ivf_int8) {
  auto built = build_index(std::span(data.items).first(std::size_t{rows} * kDims), kDims, {.kind = kind});
  return std::move(*MutableIndex::open(std::move(*built), options));
}

// Searches everything, so that what is there is found.
MutableSearchOptions thorough(std::size_t limit) { return {.limit = limit, .effort = {1u << 20, 1u << 14}}; }

TEST(MutableIndex, FindsAnUpsertedItemAtOnceAndAnErasedOneNeverAgain) {
  const TestVectors data = clustered_vectors(1000, kDims, 1);
  const auto index = open_over(data, 1000, {.background = false});
  std::vector<float> far(kDims, 9.0f);
  ASSERT_TRUE(index->upsert(4000, far).ok());
  EXPECT_EQ(index->search(far, {.limit = 1}).at(0).item, 4000u);
  EXPECT_EQ(index->stats().items, 1001u);
  EXPECT_TRUE(index->erase(4000));
  EXPECT_NE(index->search(far, {.limit = 1}).at(0).item, 4000u);
  EXPECT_FALSE(index->erase(4000));
  EXPECT_FALSE(index->erase(999999));
  EXPECT_EQ(index->stats().items, 1000u);
}

TEST(MutableIndex, FindsTheNewVectorOfARowAndNotTheOldOne) {
  const TestVectors data = clustered_vectors(1000, kDims, 2);
  const auto index = open_over(data, 1000, {.background = false});
  for (int round = 0; round < 3; ++round) {
    std::vector<float> moved(kDims, 5.0f + static_cast<float>(round));
    ASSERT_TRUE(index->upsert(7, moved).ok());
    const auto found = index->search(moved, thorough(2000));
    EXPECT_EQ(found.size(), 1000u);
    EXPECT_EQ(found[0].item, 7u);
    EXPECT_FLOAT_EQ(found[0].score, kDims * moved[0] * moved[0]);
    if (round == 1) index->merge();
  }
}

// Any sequence of changes and merges gives what an exact search of a plain map gives.
TEST(MutableIndex, AgreesWithAMapAfterAnySequenceOfChanges) {
  for (const IndexKind kind : {IndexKind::ivf_int8, IndexKind::ivf_int4}) {
    const TestVectors data = clustered_vectors(3000, kDims, 3);
    const auto index = open_over(data, 500, {.merge_at = 300, .background = false}, kind);
    std::map<std::uint32_t, std::uint32_t> vector_of;  // row -> row of data whose vector it has
    for (std::uint32_t row = 0; row < 500; ++row) vector_of[row] = row;
    Random random(4);
    for (int step = 0; step < 4000; ++step) {
      const std::uint32_t row = random.below(1200);
      if (random.below(3) == 0) {
        EXPECT_EQ(index->erase(row), vector_of.erase(row) > 0);
      } else {
        vector_of[row] = random.below(data.rows());
        ASSERT_TRUE(index->upsert(row, data.item(vector_of[row])).ok());
      }
      if (step % 900 == 899) index->merge();
      if (step % 100 != 0) continue;
      const auto query = data.query(random.below(50));
      std::vector<ScoredRow> expected;
      for (const auto& [at, source] : vector_of) {
        expected.push_back(
            {at, static_cast<float>(reference_score(Metric::inner_product, query, data.item(source)))});
      }
      std::sort(expected.begin(), expected.end(), RanksBefore());
      const auto found = index->search(query, thorough(20));
      ASSERT_EQ(found.size(), 20u);
      for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(found[i].score, expected[i].score, 1e-3) << step;
    }
    EXPECT_EQ(index->stats().items, vector_of.size());
    EXPECT_GT(index->stats().merges, 3u);
  }
}

TEST(MutableIndex, GrowsFromNothingAndFindsCentroidsAsItGrows) {
  const TestVectors data = clustered_vectors(4000, kDims, 5);
  const auto index = open_over(data, 0, {.merge_at = 500, .background = false});
  EXPECT_TRUE(index->search(data.query(0), {}).empty());
  for (std::uint32_t row = 0; row < data.rows(); ++row) ASSERT_TRUE(index->upsert(row, data.item(row)).ok());
  index->merge();
  EXPECT_GE(index->stats().rebuilds, 2u);
  EXPECT_GT(index->main()->info().lists, 50u);
  const auto truth = reference_search(Metric::inner_product, data, data.query(0), 10);
  EXPECT_GT(recall_of(index->search(data.query(0), {.limit = 10, .effort = {64, 200}}), truth), 0.8);
}

TEST(MutableIndex, AppliesAFilterToFreshAndPackedItemsAcrossMerges) {
  const TestVectors data = clustered_vectors(9000, kDims, 6);
  for (const std::uint32_t step : {2u, 100u}) {  // many pass; few do
    const auto index = open_over(data, 8500, {.merge_at = 400, .background = false});
    RowSet allowed(data.rows());
    for (std::uint32_t row = 0; row < data.rows(); row += step) allowed.insert(row);
    const MutableFilter filter(allowed);
    for (std::uint32_t row = 8500; row < 9000; ++row) {
      ASSERT_TRUE(index->upsert(row, data.item(row)).ok());
      if (row % 150 == 0) index->merge();
    }
    for (std::size_t q = 0; q < 10; ++q) {
      MutableSearchOptions search = thorough(20);
      search.filter = &filter;
      const auto found = index->search(data.query(q), search);
      EXPECT_GE(recall_of(found, reference_search(Metric::inner_product, data, data.query(q), 20, &allowed)),
                0.95);
      for (const ScoredRow& one : found) EXPECT_TRUE(allowed.contains(one.item));
    }
  }
}

TEST(MutableIndex, SaysWhatIsWrongWithAnUpsert) {
  const TestVectors data = clustered_vectors(100, kDims, 7);
  const auto index = open_over(data, 100, {.background = false});
  EXPECT_EQ(index->upsert(1, std::vector<float>(3)).error().field, "vector");
  std::vector<float> bad(kDims, std::numeric_limits<float>::infinity());
  EXPECT_EQ(index->upsert(1, bad).error().field, "vector");
  EXPECT_EQ(index->upsert(0xFFFFFFFFu, std::vector<float>(kDims)).error().field, "row");
  auto flat = build_index(data.items, kDims, {.kind = IndexKind::flat});
  EXPECT_EQ(MutableIndex::open(std::move(*flat), {}).error().field, "kind");
}

// What the thread sanitizer watches: readers, a writer and the merges of the background, all at once.
TEST(MutableIndex, AnswersWellWhileItChangesAndMerges) {
  const TestVectors data = clustered_vectors(4000, kDims, 8);
  const auto index = open_over(data, 2000, {.merge_at = 250});
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> searches = 0;
  std::atomic<std::uint64_t> faults = 0;
  // Rows 0-99 never change: every search for one of them must find it, whatever else goes on. No row comes
  // twice.
  const auto read = [&](std::uint64_t seed) {
    Random random(seed);
    RowSet odd(8000);
    for (std::uint32_t row = 1; row < 8000; row += 2) odd.insert(row);
    const MutableFilter filter(odd);
    while (!stop) {
      const std::uint32_t row = 2 * random.below(50) + 1;
      MutableSearchOptions search = thorough(4000);
      if (random.below(2) == 0) search.filter = &filter;
      const auto found = index->search(data.item(row), search);
      std::set<std::uint32_t> rows;
      for (const ScoredRow& one : found) rows.insert(one.item);
      if (rows.size() != found.size() || !rows.contains(row)) ++faults;
      ++searches;
    }
  };
  std::vector<std::thread> readers;
  for (std::uint64_t i = 0; i < 2; ++i) readers.emplace_back(read, i + 1);
  Random random(9);
  for (std::uint32_t step = 0; step < 3000; ++step) {
    const std::uint32_t row = 100 + random.below(3900);
    if (random.below(4) == 0) {
      index->erase(row);
    } else {
      ASSERT_TRUE(index->upsert(row, data.item(random.below(data.rows()))).ok());
    }
  }
  while (searches < 20) std::this_thread::yield();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(faults, 0u);
  EXPECT_GT(index->stats().merges, 0u);
}

}  // namespace
}  // namespace winnow
