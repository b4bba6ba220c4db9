#include "online/ingest/visit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

ResolvedEvent event(std::uint32_t item, float weight = 5, Signal signal = Signal::positive) {
  ResolvedEvent event;
  event.item = ItemIndex{item};
  event.weight = weight;
  event.signal = signal;
  event.time_ms = 7;
  return event;
}

UserState after(std::initializer_list<ResolvedEvent> events) {
  UserState state;
  TimestampMs time_ms = 0;
  for (ResolvedEvent each : events) {
    each.time_ms = ++time_ms;
    apply_event(state, each, {});
  }
  return state;
}

std::vector<ItemIndex> companions(const Visit& visit) {
  return {visit.companions().begin(), visit.companions().end()};
}

TEST(Visit, HasTheLastFewItemsThatTheUserSpokeForTheNewestFirst) {
  const auto visit =
      visit_of(after({event(1), event(2), event(3), event(3), event(4), event(5), event(6)}), event(9));
  ASSERT_TRUE(visit);
  EXPECT_EQ(visit->item, ItemIndex{9});
  EXPECT_EQ(visit->time_ms, 7);
  EXPECT_EQ(companions(*visit),
            (std::vector<ItemIndex>{ItemIndex{6}, ItemIndex{5}, ItemIndex{4}, ItemIndex{3}, ItemIndex{2}}));
  EXPECT_FLOAT_EQ(visit->share, 1 / std::sqrt(8.0f));
}

TEST(Visit, TheFirstItemOfAUserCountsWithoutCompany) {
  const auto visit = visit_of(UserState{}, event(9));
  ASSERT_TRUE(visit);
  EXPECT_EQ(visit->window, 0u);
}

TEST(Visit, APersonCountsOnceForAnItem) { EXPECT_FALSE(visit_of(after({event(9), event(1)}), event(9))); }

TEST(Visit, OnlyWhatSpeaksForAnItemCounts) {
  EXPECT_FALSE(visit_of(after({event(1)}), event(9, 0, Signal::negative)));
  EXPECT_FALSE(visit_of(after({event(1)}), event(9, 0, Signal::neutral)));
  // Having turned an item down is no reason not to count for it later.
  EXPECT_TRUE(visit_of(after({event(1), event(9, 0, Signal::negative)}), event(9)));
}

TEST(Visit, WhatTheUserDislikesByNowIsNoCompany) {
  const auto visit = visit_of(
      after({event(1), event(2), event(1, 0, Signal::negative), event(3, 0, Signal::negative), event(3)}),
      event(9));
  ASSERT_TRUE(visit);
  EXPECT_EQ(companions(*visit), (std::vector<ItemIndex>{ItemIndex{3}, ItemIndex{2}}));
}

}  // namespace
}  // namespace winnow
