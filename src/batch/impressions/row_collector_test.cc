#include "batch/impressions/row_collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace winnow {
namespace {

// A group of ten rows, the first of which has an outcome with the given probability; the feature of a row is
// its item.
ImpressionGroup group_of(std::uint64_t number, bool outcome) {
  ImpressionGroup group;
  group.subject = number;
  group.time_ms = static_cast<TimestampMs>(1000 + number);
  for (std::uint32_t i = 0; i < 10; ++i) {
    group.rows.push_back({ItemIndex{i}, group.time_ms, static_cast<std::uint16_t>(i + 1), false});
    group.values.push_back(static_cast<float>(i));
    group.labels.push_back(outcome && i == 0 ? 1.0f : i == 9 ? std::nanf("") : 0.0f);
  }
  return group;
}

TEST(RowCollector, KeepsEveryRowWithAnOutcomeAndAsManyWithout) {
  RowCollector collector({"item"}, {"click"}, {});
  Random random(3);
  std::size_t outcomes = 0;
  for (std::uint64_t g = 0; g < 30'000; ++g) {
    const bool outcome = random.below(3) == 0;
    outcomes += outcome;
    collector.add(group_of(g, outcome));
  }
  EXPECT_EQ(collector.rows_seen(), 300'000u);
  const TrainingSet set = collector.finish();
  const RankingSet& ranking = set.ranking;
  ASSERT_TRUE(ranking.check().ok()) << ranking.check().error().message;
  const auto kept =
      static_cast<std::size_t>(std::ranges::count_if(ranking.labels, [](float label) { return label > 0; }));
  EXPECT_EQ(kept, outcomes);
  EXPECT_NEAR(static_cast<double>(ranking.rows() - kept), static_cast<double>(outcomes),
              0.03 * static_cast<double>(outcomes));
  EXPECT_NEAR(ranking.negatives_kept,
              static_cast<double>(outcomes) / (300'000.0 - static_cast<double>(outcomes)), 1e-9);
  // Each place of a group is as likely to be kept as every other, and rows lie with their values.
  std::vector<std::size_t> by_item(10);
  for (std::size_t r = 0; r < ranking.rows(); ++r) {
    EXPECT_EQ(ranking.row(r)[0], static_cast<float>(row(set.items[r])));
    EXPECT_EQ(set.places[r], row(set.items[r]) + 1);
    ++by_item[row(set.items[r])];
  }
  for (std::size_t i = 1; i < 10; ++i) {
    EXPECT_NEAR(static_cast<double>(by_item[i]), 30'000 * ranking.negatives_kept, 150);
  }
}

TEST(RowCollector, WholeGroupsWeighForThoseThatAreDropped) {
  RowCollector collector({"item"}, {"click"}, {.whole_groups = true});
  Random random(5);
  std::size_t outcomes = 0;
  for (std::uint64_t g = 0; g < 40'000; ++g) {
    const bool outcome = random.below(5) == 0;
    outcomes += outcome;
    collector.add(group_of(g, outcome));
  }
  const RankingSet ranking = collector.finish().ranking;
  ASSERT_TRUE(ranking.check().ok());
  EXPECT_EQ(ranking.negatives_kept, 1);
  EXPECT_EQ(groups_with_outcome(ranking, 0), outcomes);
  EXPECT_NEAR(static_cast<double>(ranking.group_count() - outcomes), static_cast<double>(outcomes),
              0.03 * static_cast<double>(outcomes));
  double weight = 0;
  for (std::size_t g = 0; g < ranking.group_count(); ++g) {
    ASSERT_EQ(ranking.groups[g + 1] - ranking.groups[g], 10u);
    const float of_group = ranking.weights[ranking.groups[g]];
    weight += static_cast<double>(of_group);
    if (ranking.labels_of(ranking.groups[g])[0] > 0) {
      ASSERT_EQ(of_group, 1);
    }
  }
  EXPECT_NEAR(weight, 40'000, 800);
}

TEST(RowCollector, WhatIsKeptDoesNotDependOnTheOrderOfGroups) {
  const auto rows_of = [](bool backwards) {
    RowCollector collector({"item"}, {"click"}, {.negatives_kept = 0.3, .seed = 8});
    for (std::uint64_t g = 0; g < 500; ++g) collector.add(group_of(backwards ? 499 - g : g, g % 5 == 0));
    TrainingSet set = collector.finish();
    EXPECT_EQ(set.ranking.negatives_kept, 0.3);
    std::vector<std::tuple<TimestampMs, std::uint32_t>> rows;
    for (std::size_t g = 0; g < set.ranking.group_count(); ++g) {
      for (std::size_t r = set.ranking.groups[g]; r < set.ranking.groups[g + 1]; ++r) {
        if (row(set.items[r]) > 0) rows.emplace_back(set.ranking.time_ms[g], row(set.items[r]));
      }
    }
    return rows;
  };
  EXPECT_EQ(rows_of(false), rows_of(true));
  EXPECT_FALSE(rows_of(false).empty());
}

TEST(RowCollector, GroupsComeInOrderOfTimeAndEmptyOnesGo) {
  RowCollector collector({"item"}, {"click"}, {.negatives_kept = 1e-9, .seed = 1});
  for (const std::uint64_t g : {5u, 1u, 3u, 2u}) collector.add(group_of(g, g != 3));
  const TrainingSet set = collector.finish();
  EXPECT_EQ(set.ranking.time_ms, (std::vector<TimestampMs>{1001, 1002, 1005}));
  EXPECT_EQ(set.subjects, (std::vector<std::uint64_t>{1, 2, 5}));
  EXPECT_EQ(set.ranking.groups, (std::vector<std::uint64_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace winnow
