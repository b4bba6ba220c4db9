#include "features/item_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/bytes.h"
#include "base/random.h"

namespace winnow {
namespace {

ItemEvent like(std::uint32_t item, TimestampMs time_ms, double weight = 5) {
  return {ItemIndex{item}, Action::like, Signal::positive, weight, time_ms, 0};
}

TEST(ItemStatistics, ASumHalvesInAHalfLife) {
  ItemStatistics statistics({.popular_half_life_days = 10, .prior_strength = 0});
  statistics.add(like(0, kDayMs, 8));
  statistics.add(like(1, 11 * kDayMs, 8));
  EXPECT_NEAR(statistics.popularity(ItemIndex{0}), 4, 1e-9);
  EXPECT_NEAR(statistics.popularity(ItemIndex{1}), 8, 1e-9);
}

TEST(ItemStatistics, TheOrderOfArrivalDoesNotMatterBeyondRounding) {
  Random random(7);
  std::vector<ItemEvent> events;
  for (int i = 0; i < 500; ++i)
    events.push_back(like(random.below(5), 1 + random.below(1'000'000'000), 1 + random.below(9)));
  ItemStatistics one({});
  ItemStatistics other({});
  for (const ItemEvent& event : events) one.add(event);
  random.shuffle(events);
  for (const ItemEvent& event : events) other.add(event);
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(one.popularity(ItemIndex{i}), other.popularity(ItemIndex{i}),
                1e-6 * one.popularity(ItemIndex{i}));
    EXPECT_NEAR(one.velocity(ItemIndex{i}), other.velocity(ItemIndex{i}), 1e-6);
  }
}

TEST(ItemStatistics, OneLuckyLikeDoesNotBeatManyLikesInTheSmoothedRate) {
  ItemStatistics statistics({});
  statistics.add(like(0, 1));
  for (int i = 0; i < 95; ++i) statistics.add(like(1, 1));
  for (int i = 0; i < 5; ++i) statistics.add({ItemIndex{1}, Action::dislike, Signal::negative, 0, 1, 0});
  for (int i = 0; i < 100; ++i) statistics.add({ItemIndex{2}, Action::dislike, Signal::negative, 0, 1, 0});
  EXPECT_LT(statistics.smoothed_rate(ItemIndex{0}), statistics.smoothed_rate(ItemIndex{1}));
  EXPECT_LT(statistics.smoothed_rate(ItemIndex{2}), statistics.smoothed_rate(ItemIndex{0}));
}

TEST(ItemStatistics, ARisingItemHasMoreVelocityThanASteadyOne) {
  ItemStatistics statistics({});
  const TimestampMs end = 60 * kDayMs;
  for (TimestampMs t = kDayMs; t < end; t += kDayMs / 10) statistics.add(like(0, t));
  for (TimestampMs t = end - kDayMs; t < end; t += kDayMs / 40) statistics.add(like(1, t));
  EXPECT_GT(statistics.velocity(ItemIndex{1}), 3);
  EXPECT_LT(std::abs(statistics.velocity(ItemIndex{0})), 2);
}

TEST(ItemStatistics, AnItemSurgesWhenItsLastHourExceedsItsOwnDay) {
  ItemStatistics statistics({});
  const TimestampMs end_ms = 30 * kDayMs;
  for (TimestampMs time_ms = kDayMs; time_ms <= end_ms; time_ms += kHourMs / 4) {
    statistics.add(like(0, time_ms));                                  // steady
    if (time_ms + kHourMs > end_ms) statistics.add(like(1, time_ms));  // from nothing
    if (time_ms + kDayMs < end_ms) statistics.add(like(2, time_ms));   // went quiet
  }
  statistics.add(like(3, end_ms));  // once
  EXPECT_NEAR(statistics.surge(ItemIndex{0}), 0, 0.5);
  EXPECT_GT(statistics.surge(ItemIndex{1}), 2);
  EXPECT_LE(statistics.surge(ItemIndex{2}), 0);
  EXPECT_LT(statistics.surge(ItemIndex{3}), 1);
}

TEST(ItemStatistics, BytesOfTheFirstFormatAreStillRead) {
  // Format 1: one item, popular 2, fast 1, slow 1, one positive, all at 1000 ms; no country.
  ByteWriter out;
  out.fixed(std::uint8_t{1});
  out.varint(1);
  out.varint(0);
  out.signed_varint(1000);
  out.varint(1);
  for (const double sum : {2.0, 1.0, 1.0}) out.fixed(sum);
  for (const std::uint64_t count : {1, 0, 0}) out.varint(count);
  out.signed_varint(1000);
  out.varint(0);
  ItemStatistics statistics({});
  ASSERT_TRUE(statistics.decode(out.take()).ok());
  EXPECT_EQ(statistics.counters(ItemIndex{0}).positives, 1u);
  EXPECT_EQ(statistics.counters(ItemIndex{0}).popular, 2.0);
  EXPECT_EQ(statistics.counters(ItemIndex{0}).recent, 0.0);
}

TEST(ItemStatistics, ComesBackFromItsBytes) {
  ItemStatistics statistics({});
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    ItemEvent event = like(random.below(50), 1 + random.below(1'000'000));
    event.country = random.below(4);
    statistics.add(event);
  }
  ItemStatistics copy({});
  ASSERT_TRUE(copy.decode(statistics.encode()).ok());
  EXPECT_EQ(copy.encode(), statistics.encode());
}

TEST(ItemStatistics, RefusesDamagedBytesWithoutCrashing) {
  ItemStatistics statistics({});
  for (std::uint32_t i = 0; i < 20; ++i) statistics.add(like(i, 1 + i));
  const std::string bytes = statistics.encode();
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    ItemStatistics copy({});
    const Status status = copy.decode(std::string_view(bytes).substr(0, cut));
    ASSERT_FALSE(status.ok()) << cut;
    EXPECT_EQ(status.error().code, ErrorCode::corrupt);
  }
}

TEST(ItemStatistics, SubtractingAnEventUndoesIt) {
  ItemStatistics statistics({});
  for (std::uint32_t i = 0; i < 20; ++i) statistics.add(like(0, 1000 + i));
  const double before = statistics.popularity(ItemIndex{0});
  statistics.add(like(0, 1010, 100));
  statistics.subtract(like(0, 1010, 100));
  EXPECT_NEAR(statistics.popularity(ItemIndex{0}), before, 1e-6 * before);
  EXPECT_EQ(statistics.counters(ItemIndex{0}).positives, 20u);
}

}  // namespace
}  // namespace winnow
