#include "online/ingest/trend_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace winnow {
namespace {

ItemTable& fill(ItemTable& table, std::uint32_t items) {
  std::vector<ItemTable::Change> changes;
  for (std::uint32_t i = 0; i < items; ++i) {
    Item item;
    item.id = std::to_string(i);
    item.categories = {i % 2 == 0 ? "even" : "odd"};
    item.available = i % 7 != 0;
    item.created_ms = i < 10 ? 0 : (1000 + i) * kDayMs;
    changes.push_back({ItemIndex{i}, item.id, item});
  }
  table.apply(changes);
  return table;
}

ItemStatistics random_statistics(std::uint32_t items) {
  Random random(23);
  ItemStatistics statistics({});
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t item = random.below(1 + random.below(items));
    statistics.add({ItemIndex{item}, Action::click, Signal::positive, 3,
                    static_cast<TimestampMs>(1 + i) * 10'000, random.below(3)});
  }
  return statistics;
}

TEST(BuildTrends, ListsHoldTheBestAvailableItemsInOrder) {
  ItemTable table;
  const auto items = fill(table, 500).pin();
  const ItemStatistics statistics = random_statistics(500);
  const auto trends = build_trends(statistics, *items, 2000 * kDayMs, {.overall = 50, .per_group = 20});

  std::vector<ScoredItem> expected;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const auto score = static_cast<float>(statistics.popularity(ItemIndex{i}));
    if (i % 7 != 0 && score > 0) expected.push_back({ItemIndex{i}, score});
  }
  std::stable_sort(expected.begin(), expected.end(),
                   [](const ScoredItem& a, const ScoredItem& b) { return a.score > b.score; });
  expected.resize(50);
  EXPECT_EQ(trends->popular, expected);

  const auto& even = trends->by_category.at(name_key("even"));
  EXPECT_EQ(even.size(), 20u);
  for (const ScoredItem& entry : even) EXPECT_EQ(row(entry.item) % 2, 0u);
  EXPECT_EQ(trends->by_country.size(), 2u);  // country 0 is "unknown"
  EXPECT_EQ(trends->as_of_ms, statistics.newest_ms());
}

TEST(BuildTrends, NewItemsAreThoseCreatedShortlyBeforeTheNewest) {
  ItemTable table;
  const auto items = fill(table, 500).pin();
  const auto trends = build_trends(ItemStatistics({}), *items, 2000 * kDayMs, {.new_item_days = 5});
  ASSERT_FALSE(trends->newest.empty());
  EXPECT_EQ(trends->newest.front().item, ItemIndex{499});
  for (const ScoredItem& entry : trends->newest) EXPECT_GE(row(entry.item), 494u);
}

TEST(BuildTrends, AnItemCreatedInTheFutureIsNotNewYet) {
  ItemTable table;
  const auto items = fill(table, 500).pin();
  const auto trends = build_trends(ItemStatistics({}), *items, 1200 * kDayMs, {.new_item_days = 5});
  ASSERT_FALSE(trends->newest.empty());
  EXPECT_LE(row(trends->newest.front().item), 200u);
}

TEST(BuildTrends, AnEmptySiteHasEmptyLists) {
  ItemTable table;
  const auto trends = build_trends(ItemStatistics({}), *table.pin(), 0, {});
  EXPECT_TRUE(trends->popular.empty());
  EXPECT_TRUE(trends->newest.empty());
}

TEST(BuildTrends, ItemsThatSurgeAreFoundByItem) {
  ItemTable table;
  const auto items = fill(table, 20).pin();
  ItemStatistics statistics({});
  const TimestampMs end_ms = 10 * kDayMs;
  for (TimestampMs time_ms = kDayMs; time_ms <= end_ms; time_ms += kHourMs / 4) {
    statistics.add({ItemIndex{3}, Action::click, Signal::positive, 3, time_ms, 0});
    for (const std::uint32_t item : {9u, 5u}) {
      if (time_ms > end_ms - kHourMs)
        statistics.add({ItemIndex{item}, Action::click, Signal::positive, 3, time_ms, 0});
    }
  }
  const auto trends = build_trends(statistics, *items, end_ms, {});
  ASSERT_EQ(trends->surging.size(), 2u);
  EXPECT_EQ(trends->surging[0].item, ItemIndex{5});
  EXPECT_GT(trends->surge_of(ItemIndex{9}), 1);
  EXPECT_EQ(trends->surge_of(ItemIndex{3}), 0);
}

}  // namespace
}  // namespace winnow
