#include "features/co_occurrence.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "base/random.h"

namespace winnow {
namespace {

constexpr TimestampMs kNowMs = 1'700'000'000'000;

Visit visit(std::uint32_t item, std::initializer_list<std::uint32_t> before, TimestampMs time_ms = kNowMs,
            float share = 1) {
  Visit visit;
  visit.item = ItemIndex{item};
  for (const std::uint32_t other : before) visit.before[visit.window++] = ItemIndex{other};
  visit.time_ms = time_ms;
  visit.share = share;
  return visit;
}

Visit random_visit(Random& random, std::uint32_t items) {
  Visit made;
  made.item = ItemIndex{random.below(items)};
  const std::uint32_t wanted = random.below(Visit::kWindow + 1);
  for (std::uint32_t k = 0; k < wanted; ++k) {
    const ItemIndex other{random.below(items)};
    const auto known = made.companions();
    if (other == made.item || std::find(known.begin(), known.end(), other) != known.end()) continue;
    made.before[made.window++] = other;
  }
  made.time_ms = kNowMs + random.below(1'000'000'000);
  made.share = 0.1f + static_cast<float>(random.uniform());
  return made;
}

// The similarity of an item to another; 0 when they have not come together.
float similarity(const CoOccurrence& table, std::uint32_t item, std::uint32_t other,
                 const SimilarityScale& scale = {}) {
  for (const ScoredItem& found : table.reader().similar(ItemIndex{item}, scale)) {
    if (found.item == ItemIndex{other}) return found.score;
  }
  return 0;
}

TEST(CoOccurrence, APairIsSimilarBothWaysOnTheScaleOfTheTrainedModel) {
  CoOccurrence table({});
  // Three people turn to 1, two of them to 2 afterwards; 70 lies in another chunk.
  for (int i = 0; i < 3; ++i) table.add(visit(1, {}));
  table.add(visit(2, {1}, kNowMs, 0.5f));
  table.add(visit(2, {1}, kNowMs, 0.5f));
  table.add(visit(70, {2, 1}));
  const float expected = (0.5f + 0.5f) / (std::pow(3.0f * 2.0f, 0.35f) + 0.7f);
  EXPECT_NEAR(similarity(table, 1, 2, {0.35f, 0.7f}), expected, 1e-4);
  EXPECT_NEAR(similarity(table, 2, 1, {0.35f, 0.7f}), expected, 1e-4);
  EXPECT_NEAR(similarity(table, 70, 1, {0.5f, 0}), 1 / std::sqrt(3.0f), 1e-4);
  EXPECT_NEAR(similarity(table, 1, 70, {0.5f, 0}), 1 / std::sqrt(3.0f), 1e-4);
}

TEST(CoOccurrence, WhatPeopleTurnToNowOutweighsWhatTheyTurnedToOnce) {
  CoOccurrence table({.half_life_days = 10});
  table.add(visit(1, {}, kNowMs - 60 * kDayMs));
  for (int i = 0; i < 5; ++i) table.add(visit(2, {1}, kNowMs - 60 * kDayMs));
  for (int i = 0; i < 5; ++i) table.add(visit(3, {1}));
  EXPECT_GT(similarity(table, 1, 3), 3 * similarity(table, 1, 2));
}

TEST(CoOccurrence, TheVersionChangesWithTheCompanionsAndOnlyWithThem) {
  CoOccurrence table({});
  EXPECT_EQ(table.reader().version(ItemIndex{1}), 0u);
  table.add(visit(1, {}));
  table.add(visit(2, {1}));
  const std::uint32_t before = table.reader().version(ItemIndex{1});
  EXPECT_NE(before, 0u);
  table.add(visit(2, {1}));
  EXPECT_EQ(table.reader().version(ItemIndex{1}), before);
  table.add(visit(3, {1}));
  const std::uint32_t after = table.reader().version(ItemIndex{1});
  EXPECT_NE(after, before);
  table.clear();
  EXPECT_NE(table.reader().version(ItemIndex{1}), after);
  EXPECT_TRUE(table.reader().similar(ItemIndex{1}, {}).empty());
}

TEST(CoOccurrence, ComesBackFromItsBytesAndGoesOnToTheSameBytes) {
  Random random(5);
  CoOccurrence whole({});
  CoOccurrence first({});
  std::vector<Visit> later;
  for (int i = 0; i < 5000; ++i) {
    const Visit made = random_visit(random, 300);
    whole.add(made);
    if (i < 2500) {
      first.add(made);
    } else {
      later.push_back(made);
    }
  }
  CoOccurrence second({});
  ASSERT_TRUE(second.decode(first.encode()).ok());
  EXPECT_EQ(second.encode(), first.encode());
  for (const Visit& made : later) second.add(made);
  EXPECT_TRUE(second.encode() == whole.encode());
}

TEST(CoOccurrence, DamagedBytesAreRefusedAndLeaveNothing) {
  Random random(6);
  CoOccurrence table({});
  for (int i = 0; i < 200; ++i) table.add(random_visit(random, 40));
  const std::string bytes = table.encode();
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    CoOccurrence other({});
    const Status status = other.decode(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(status.ok()) << length;
    EXPECT_EQ(status.error().code, ErrorCode::corrupt);
    EXPECT_EQ(other.items(), 0u);
  }
}

TEST(CoOccurrence, CountsOfAnotherHalfLifeAreForgotten) {
  CoOccurrence table({.half_life_days = 30});
  table.add(visit(1, {2}));
  CoOccurrence other({.half_life_days = 3});
  ASSERT_TRUE(other.decode(table.encode()).ok());
  EXPECT_EQ(other.items(), 0u);
}

TEST(CoOccurrence, AnErasedPersonsPairsAreGoneAndOthersStay) {
  Random random(9);
  std::vector<Visit> of_all;
  // Few enough items that each keeps a counter for all others.
  for (int i = 0; i < 300; ++i) of_all.push_back(random_visit(random, Companions::kCounters));
  of_all.push_back(visit(500, {1, 2}));  // nobody else has ever turned to 500
  CoOccurrence table({});
  CoOccurrence without({});
  for (std::size_t i = 0; i < of_all.size(); ++i) {
    table.add(of_all[i]);
    if (i < 100) without.add(of_all[i]);
  }
  for (std::size_t i = 100; i < of_all.size(); ++i) table.subtract(of_all[i]);
  EXPECT_EQ(table.items(), without.items());
  EXPECT_EQ(similarity(table, 500, 1), 0);
  EXPECT_EQ(similarity(table, 1, 500), 0);
  for (std::uint32_t i = 0; i < Companions::kCounters; ++i) {
    const auto expected = without.reader().similar(ItemIndex{i}, {});
    EXPECT_EQ(table.reader().similar(ItemIndex{i}, {}).size(), expected.size()) << i;
    // The stream's newest time stays that of the erased visits: all similarities fade alike by it.
    if (expected.empty()) continue;
    const float fading = similarity(table, i, row(expected[0].item)) / expected[0].score;
    for (const ScoredItem& other : expected) {
      EXPECT_NEAR(similarity(table, i, row(other.item)), fading * other.score, 1e-3 * other.score) << i;
    }
  }
}

TEST(CoOccurrence, OverItsLimitItForgetsWhatWasLeftAloneForLongest) {
  CoOccurrence table({.max_items = 100});
  for (std::uint32_t i = 0; i < 1000; ++i) {
    table.add(visit(i, {}, kNowMs + i));
    table.add(visit(5000, {i}, kNowMs + i));  // the newest all the while
    ASSERT_LE(table.items(), 101u);
  }
  EXPECT_GT(similarity(table, 5000, 999), 0);
  EXPECT_GT(similarity(table, 999, 5000), 0);
  EXPECT_TRUE(table.reader().similar(ItemIndex{3}, {}).empty());
}

TEST(CoOccurrence, ManyReadWhileOneWrites) {
  CoOccurrence table({});
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> read{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&, t] {
      Random random(static_cast<std::uint64_t>(t));
      while (!done.load()) {
        const CoOccurrence::Reader reader = table.reader();
        const ItemIndex item{random.below(5000)};
        if (reader.version(item) == 0) continue;
        for (const ScoredItem& found : reader.similar(item, {})) {
          ASSERT_TRUE(std::isfinite(found.score));
          read.fetch_add(1);
        }
      }
    });
  }
  Random random(1);
  for (int i = 0; i < 20'000 || read.load() < 1000; ++i) {
    table.add(random_visit(random, 5000));
    if (i == 10'000) table.clear();
  }
  done.store(true);
  for (std::thread& thread : readers) thread.join();
}

}  // namespace
}  // namespace winnow
