#include "online/rerank/diversify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

struct Shelf {
  std::vector<std::vector<NameKey>> categories;  // by item
  std::vector<NameKey> creators;
  Ranked ranked;

  ItemLikeness look(ItemIndex item) const { return {categories[row(item)], creators[row(item)], {}}; }
  void diversify_by(double weight, std::size_t count, std::size_t pool = 100) {
    diversify(ranked, count, weight, pool, [this](ItemIndex item) { return look(item); });
  }
  std::vector<std::uint32_t> first(std::size_t count) const {
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(row(ranked.entries[i].item));
    return out;
  }
};

// Items 0 to n - 1 of falling score; the category of an item is a tenth of its number.
Shelf shelf_of(std::uint32_t n) {
  Shelf shelf;
  for (std::uint32_t i = 0; i < n; ++i) {
    shelf.categories.push_back({1 + i / 10});
    shelf.creators.push_back(0);
    shelf.ranked.entries.push_back({ItemIndex{i}, 1 - 0.01f * static_cast<float>(i), 0, i});
  }
  return shelf;
}

TEST(Likeness, IsTheMeanOfWhatBothHave) {
  const std::vector<NameKey> drama = {1, 2};
  const std::vector<NameKey> comedy = {2, 3};
  const std::vector<float> north = {0, 2};
  const std::vector<float> east = {3, 0};
  EXPECT_FLOAT_EQ(likeness({drama, 0, {}}, {comedy, 9, {}}), 1.0f / 3);
  EXPECT_FLOAT_EQ(likeness({drama, 9, {}}, {comedy, 9, {}}), (1.0f / 3 + 1) / 2);
  EXPECT_FLOAT_EQ(likeness({{}, 0, north}, {{}, 0, north}), 1);
  EXPECT_FLOAT_EQ(likeness({{}, 0, north}, {{}, 0, east}), 0);
  EXPECT_FLOAT_EQ(likeness({}, {drama, 9, north}), 0);
}

TEST(Diversify, WithoutAWeightTheBestStayInOrder) {
  Shelf shelf = shelf_of(60);
  std::ranges::reverse(shelf.ranked.entries);
  shelf.diversify_by(0, 5);
  EXPECT_EQ(shelf.first(5), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
}

TEST(Diversify, AHeavyWeightTakesOneOfEachKindFirst) {
  Shelf shelf = shelf_of(60);
  shelf.diversify_by(2, 6);
  EXPECT_EQ(shelf.first(6), (std::vector<std::uint32_t>{0, 10, 20, 30, 40, 50}));
}

TEST(Diversify, WhatLiesOutsideThePoolIsNotChosen) {
  Shelf shelf = shelf_of(60);
  shelf.diversify_by(2, 3, 20);
  EXPECT_EQ(shelf.first(3), (std::vector<std::uint32_t>{0, 10, 1}));
}

TEST(Diversify, KeepsEveryEntryOnceAndScoresNeverRise) {
  Random random(5);
  for (int trial = 0; trial < 300; ++trial) {
    Shelf shelf;
    const std::uint32_t n = 1 + random.below(80);
    for (std::uint32_t i = 0; i < n; ++i) {
      shelf.categories.push_back({random.below(5), 10 + random.below(5)});
      shelf.creators.push_back(random.below(4));
      shelf.ranked.entries.push_back({ItemIndex{i}, static_cast<float>(random.normal()), 0, i});
    }
    const std::size_t count = 1 + random.below(30);
    shelf.diversify_by(random.uniform() * 3, count, 1 + random.below(100));
    std::set<std::uint32_t> items;
    for (const Ranked::Entry& entry : shelf.ranked.entries) items.insert(row(entry.item));
    ASSERT_EQ(items.size(), n) << trial;
    ASSERT_EQ(shelf.ranked.sorted, std::min<std::size_t>(count, n));
    for (std::size_t i = 1; i < shelf.ranked.sorted; ++i)
      ASSERT_LE(shelf.ranked.entries[i].score, shelf.ranked.entries[i - 1].score) << trial;
  }
}

}  // namespace
}  // namespace winnow
