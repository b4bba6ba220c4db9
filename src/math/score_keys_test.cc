#include "math/score_keys.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "base/random.h"

namespace winnow {
namespace {

TEST(ScoreKey, RanksAsScoredRowsDo) {
  constexpr float kMost = std::numeric_limits<float>::max();
  constexpr float kLeast = std::numeric_limits<float>::denorm_min();
  std::vector<ScoredRow> rows;
  for (const float score : {0.0f, -0.0f, kLeast, -kLeast, 1.0f, -1.0f, 1.5f, -1.5f, kMost, -kMost}) {
    for (const std::uint32_t row : {0u, 1u, ~0u}) rows.push_back({row, score});
  }
  for (const ScoredRow& a : rows) {
    for (const ScoredRow& b : rows) {
      EXPECT_EQ(score_key(a.score, a.item) > score_key(b.score, b.item), ranks_before(a, b))
          << a.score << " of " << a.item << " and " << b.score << " of " << b.item;
    }
  }
  for (const ScoredRow& row : rows) EXPECT_EQ(score_of(score_key(row.score, row.item)), row.score);
  for (const std::int32_t score : {std::numeric_limits<std::int32_t>::min(), -1, 0, 7}) {
    EXPECT_EQ(integer_score_of(score_key(score, 3)), score);
    EXPECT_GT(score_key(score + 1, 3), score_key(score, 0));
  }
}

TEST(KthBiggest, IsWhatSortingFindsHoweverKeysLie) {
  Random random(1);
  const std::function<std::uint64_t()> draws[] = {
      [&] { return std::uint64_t{random.below(5)}; },  // many the same
      [&] { return random.next(); },                   // anywhere
      [&] {
        return random.below(100) == 0 ? ~std::uint64_t{random.below(9)} : random.below(1000);
      },  // some far off
      [&] {
        return score_key(static_cast<float>(random.normal()), static_cast<std::uint32_t>(random.below(99)));
      }};
  for (const auto& draw : draws) {
    for (const std::size_t size : {1u, 2u, 513u, 2000u}) {
      std::vector<std::uint64_t> keys(size);
      std::ranges::generate(keys, draw);
      auto sorted = keys;
      std::ranges::sort(sorted, std::greater<>());
      for (const std::size_t k : {std::size_t{1}, size / 3 + 1, size})
        EXPECT_EQ(kth_biggest(keys, k), sorted[k - 1]);
    }
  }
}

TEST(KeepBest, KeepsThoseThatRankFirst) {
  Random random(2);
  for (const std::size_t k : {0u, 1u, 40u, 300u, 301u}) {
    std::vector<ScoredRow> rows;
    for (std::uint32_t i = 0; i < 300; ++i) rows.push_back({i, static_cast<float>(random.below(20))});
    auto sorted = rows;
    std::ranges::sort(sorted, RanksBefore());
    sorted.resize(std::min<std::size_t>(k, 300));
    keep_best(rows, k);
    EXPECT_THAT(rows, testing::UnorderedElementsAreArray(sorted)) << k;
  }
}

}  // namespace
}  // namespace winnow
