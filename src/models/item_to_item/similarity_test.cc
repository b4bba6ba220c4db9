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
  return ItemToItemModel({}, std::move(offsets), neighbours);
}

TEST(Similarity, AgreesWithScoreAll) {
  Random random(31);
  Similarity::Pool pool;
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t items = 1 + random.below(80);
    const ItemToItemModel model = random_model(random, items);
    std::vector<HistoryEntry> history;
    for (std::uint32_t item = 0; item < items + 5; ++item) {
      if (random.below(10) == 0) history.push_back({item, static_cast<float>(random.uniform()), 0});
    }
    std::vector<float> expected(items);
    model.add_scores(history, expected);
    const Similarity similarity(pool, model, history);
    std::size_t positive = 0;
    for (std::uint32_t row = 0; row < items; ++row) {
      EXPECT_FLOAT_EQ(similarity.score(row), expected[row]);
      positive += expected[row] > 0 ? 1 : 0;
    }
    EXPECT_EQ(similarity.entries().size(), positive);
  }
}

TEST(Similarity, TheStrongestEntryIsTheOneThatTheItemIsMostLike) {
  // Item 0 is like 1 and, less, like 2; item 3 is known from the list of 2 alone.
  const ItemToItemModel model({}, {0, 2, 3, 5, 5}, {{1, 0.9f}, {2, 0.4f}, {0, 0.9f}, {0, 0.4f}, {3, 0.3f}});
  const std::vector<HistoryEntry> history = {{1, 1, 0}, {2, 1, 0}};
  Similarity::Pool pool;
  const Similarity similarity(pool, model, history);
  EXPECT_EQ(similarity.strongest(0), 0);
  EXPECT_EQ(similarity.strongest(3), 1);
  EXPECT_EQ(similarity.strongest(1), -1);
}

TEST(Similarity, TwoAtOnceDoNotDisturbEachOther) {
  Random random(8);
  Similarity::Pool pool;
  const ItemToItemModel model = random_model(random, 50);
  const std::vector<HistoryEntry> one = {{3, 1, 0}};
  const std::vector<HistoryEntry> other = {{7, 1, 0}};
  const Similarity first(pool, model, one);
  { const Similarity second(pool, model, other); }
  const Similarity third(pool, model, other);
  EXPECT_EQ(first.entries().size(), model.neighbours(3).size());
  for (const ScoredRow& neighbour : model.neighbours(3))
    EXPECT_FLOAT_EQ(first.score(neighbour.item), neighbour.score);
  for (const ScoredRow& neighbour : model.neighbours(7))
    EXPECT_FLOAT_EQ(third.score(neighbour.item), neighbour.score);
}

TEST(Similarity, WhatTheModelDoesNotKnowIsAddedHoweverMuchItIs) {
  Random random(5);
  Similarity::Pool pool;
  constexpr std::uint32_t kItems = 5000;
  const ItemToItemModel model = random_model(random, kItems);
  const std::vector<HistoryEntry> history = {{7, 1, 0}, {70, 1, 0}};
  std::vector<float> expected(kItems);
  model.add_scores(history, expected);
  Similarity similarity(pool, model, history);
  for (std::uint32_t row = 0; row < kItems; row += 1 + random.below(4)) {
    similarity.add(row, 0.5f);
    expected[row] += 0.5f;
  }
  for (std::uint32_t row = 0; row < kItems; ++row) EXPECT_FLOAT_EQ(similarity.score(row), expected[row]);
}

}  // namespace
}  // namespace winnow
