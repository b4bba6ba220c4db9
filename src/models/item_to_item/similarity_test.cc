#include "models/item_to_item/similarity.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace winnow {
namespace {

ItemToItemModel random_model(Random& random, std::uint32_t items) {
  std::vector<std::uint64_t> offsets = {0};
  std::vector<ScoredRow> neighbours;
  for (std::uint32_t i = 0; i < items; ++i) {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t k = random.below(12); k > 0; --k) rows.push_back(random.below(items));
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    for (const std::uint32_t row : rows)
      neighbours.push_back({row, static_cast<float>(0.01 + random.uniform())});
    offsets.push_back(neighbours.size());
  }
  return ItemToItemModel({}, std::move(offsets), std::move(neighbours));
}

TEST(Similarity, AgreesWithScoreAllAndStrongest) {
  Random random(31);
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t items = 1 + random.below(80);
    const ItemToItemModel model = random_model(random, items);
    std::vector<HistoryEntry> history;
    for (std::uint32_t k = random.below(10); k > 0; --k) {
      history.push_back({random.below(items + 5), static_cast<float>(random.uniform()), 0});
    }
    std::vector<float> expected(items);
    model.score_all(history, expected);
    const Similarity similarity(model, history);
    std::size_t positive = 0;
    for (std::uint32_t row = 0; row < items; ++row) {
      EXPECT_FLOAT_EQ(similarity.score(row), expected[row]);
      if (expected[row] <= 0) continue;
      ++positive;
      EXPECT_EQ(static_cast<int>(similarity.strongest(row)), model.strongest(history, row));
    }
    EXPECT_EQ(similarity.touched().size(), positive);
  }
}

TEST(Similarity, TwoAtOnceDoNotDisturbEachOther) {
  Random random(8);
  const ItemToItemModel model = random_model(random, 50);
  const std::vector<HistoryEntry> one = {{3, 1, 0}};
  const std::vector<HistoryEntry> other = {{7, 1, 0}};
  const Similarity first(model, one);
  const std::vector<std::uint32_t> before(first.touched().begin(), first.touched().end());
  { const Similarity second(model, other); }
  const Similarity third(model, other);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), first.touched().begin(), first.touched().end()));
  for (const ScoredRow& neighbour : model.neighbours(7))
    EXPECT_FLOAT_EQ(third.score(neighbour.item), neighbour.score);
}

}  // namespace
}  // namespace winnow
