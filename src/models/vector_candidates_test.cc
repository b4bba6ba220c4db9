#include "models/vector_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/random.h"

namespace winnow {
namespace {

using ::testing::IsEmpty;

constexpr std::uint32_t kRows = 500;
constexpr std::uint32_t kDims = 8;

std::vector<float> random_vectors(Random& random, std::size_t rows) {
  std::vector<float> out(rows * kDims);
  for (float& value : out) value = static_cast<float>(random.normal());
  return out;
}

float score_of(const VectorCandidates& candidates, std::uint32_t row) {
  float score = -1;
  candidates.score({&row, 1}, {&score, 1});
  return score;
}

TEST(VectorCandidates, TheExactSearchAndTheIndexAgree) {
  Random random(4);
  const std::vector<float> vectors = random_vectors(random, kRows);
  const auto index = build_index(vectors, kDims, {.kind = IndexKind::flat}).value();
  for (int round = 0; round < 20; ++round) {
    const std::vector<float> query = random_vectors(random, 1);
    const VectorCandidates exact(vectors, nullptr, query);
    const VectorCandidates indexed(vectors, index.get(), query);
    auto rows = exact.best(20);
    std::sort(rows.begin(), rows.end(), RanksBefore());
    const auto others = indexed.best(20);
    ASSERT_EQ(rows.size(), others.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].item, others[i].item);
      EXPECT_NEAR(rows[i].score, score_of(indexed, rows[i].item), 1e-4);
      EXPECT_EQ(rows[i].score, score_of(exact, rows[i].item));
    }
  }
}

TEST(VectorCandidates, ScoresManyRowsAtOnceAndUnknownOnesAsNothing) {
  Random random(5);
  const std::vector<float> vectors = random_vectors(random, kRows);
  const auto index = build_index(vectors, kDims, {.kind = IndexKind::flat}).value();
  const VectorCandidates candidates(vectors, index.get(), random_vectors(random, 1));
  std::vector<std::uint32_t> rows(kRows);
  for (std::uint32_t i = 0; i < kRows; ++i) rows[i] = i % 7 == 0 ? kRows + i : kRows - 1 - i;
  std::vector<float> scores(kRows, -1.0f);
  candidates.score(rows, scores);
  for (std::uint32_t i = 0; i < kRows; ++i)
    EXPECT_EQ(scores[i], i % 7 == 0 ? 0.0f : score_of(candidates, rows[i])) << i;
}

TEST(VectorCandidates, WithoutAQueryThereIsNoOpinion) {
  Random random(4);
  const std::vector<float> vectors = random_vectors(random, kRows);
  const VectorCandidates nobody(vectors, nullptr, {});
  EXPECT_THAT(nobody.best(10), IsEmpty());
  EXPECT_EQ(score_of(nobody, 3), 0);
}

TEST(VectorCandidates, LeavesOutScoresThatAreNoNumbers) {
  std::vector<float> vectors(2 * kDims, 1.0f);
  vectors[0] = std::numeric_limits<float>::infinity();
  const VectorCandidates candidates(vectors, nullptr, std::vector<float>(kDims, 1.0f));
  ASSERT_EQ(candidates.best(5).size(), 1u);
  EXPECT_EQ(candidates.best(5).front().item, 1u);
}

}  // namespace
}  // namespace winnow
