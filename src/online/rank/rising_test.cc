#include "online/rank/rising.h"

#include <gtest/gtest.h>

#include <vector>

namespace winnow {
namespace {

TEST(RisingBoost, GrowsWithTheSurgeAndStaysBelowTheBoost) {
  Trends trends;
  trends.as_of_ms = kDayMs;
  trends.surging = {{ItemIndex{2}, 2}, {ItemIndex{7}, 50}};
  const std::vector<ItemIndex> items = {ItemIndex{7}, ItemIndex{1}, ItemIndex{2}};
  std::vector<float> scores = {1, 1, 1};
  add_rising_boost(trends, kDayMs + 1, 0.5, items, scores);
  EXPECT_NEAR(scores[0], 1.49f, 1e-6f);
  EXPECT_EQ(scores[1], 1);
  EXPECT_NEAR(scores[2], 1.25f, 1e-6f);
}

TEST(RisingBoost, WhatRoseLongAgoRisesNoMore) {
  Trends trends;
  trends.as_of_ms = kDayMs;
  trends.surging = {{ItemIndex{2}, 5}};
  const std::vector<ItemIndex> items = {ItemIndex{2}};
  std::vector<float> scores = {0};
  add_rising_boost(trends, kDayMs + kHourMs + 1, 0.5, items, scores);
  EXPECT_EQ(scores[0], 0);
}

}  // namespace
}  // namespace winnow
