#include "index/flat.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/random.h"
#include "math/vector_kernels.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(FlatSearch, FindsTheRowsOfLargestInnerProduct) {
  const std::vector<float> matrix = {1, 0, 0, 1, 2, 2, -1, -1};
  EXPECT_THAT(flat_search(matrix, std::vector<float>{1, 2}, 2),
              ElementsAre(ScoredRow{2, 6}, ScoredRow{1, 2}));
}

TEST(FlatSearch, LeavesOutTheSkippedRowsAndPassesOverUnknownOnes) {
  const std::vector<float> matrix = {1, 2, 3, 4};
  const std::vector<std::uint32_t> skip = {3, 77};
  EXPECT_THAT(flat_search(matrix, std::vector<float>{1}, 2, skip),
              ElementsAre(ScoredRow{2, 3}, ScoredRow{1, 2}));
}

TEST(FlatSearch, AgreesWithAFullSortOnRandomMatrices) {
  Random random(9);
  for (int round = 0; round < 100; ++round) {
    const std::size_t dims = 1 + random.below(40);
    const std::size_t rows = random.below(300);
    std::vector<float> matrix(rows * dims);
    std::vector<float> query(dims);
    for (float& value : matrix) value = static_cast<float>(random.normal());
    for (float& value : query) value = static_cast<float>(random.normal());
    std::vector<float> expected(rows);
    for (std::size_t i = 0; i < rows; ++i)
      expected[i] = dot(std::span(matrix).subspan(i * dims, dims), query);
    std::sort(expected.begin(), expected.end(), std::greater<>());
    const auto found = flat_search(matrix, query, 20);
    ASSERT_THAT(found, SizeIs(std::min<std::size_t>(20, rows)));
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i].score, expected[i], 1e-4) << round;
  }
}

TEST(FlatSearch, FindsNothingInAnEmptyMatrix) {
  EXPECT_THAT(flat_search({}, std::vector<float>{1, 2}, 5), IsEmpty());
}

}  // namespace
}  // namespace winnow
