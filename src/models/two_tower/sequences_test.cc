#include "models/two_tower/sequences.h"

#include <gmock/gmock.h>

#include <set>

#include "base/random.h"

namespace winnow {
namespace {

using testing::ElementsAre;

TrainingSequences example() {
  TrainingSequences out;
  out.items = 10;
  out.add_user(std::vector<TowerAction>{{1, 0, 100}, {9, 13, 200}, {3, 2, 300}}, 1);
  out.add_user({}, 0);
  out.add_user(std::vector<TowerAction>{{4, 0, 0}}, 0);
  out.item_features.buckets = 7;
  for (std::uint32_t item = 0; item < 10; ++item)
    out.item_features.add(std::vector<std::uint32_t>{item % 7, 3});
  return out;
}

TEST(TrainingSequences, ReadBackAsTheyWereWritten) {
  const TrainingSequences sequences = example();
  const auto again = TrainingSequences::decode(sequences.encode());
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->encode(), sequences.encode());
  EXPECT_EQ(again->users(), 3u);
  EXPECT_THAT(again->actions_of(0),
              ElementsAre(TowerAction{1, 0, 100}, TowerAction{9, 13, 200}, TowerAction{3, 2, 300}));
  EXPECT_THAT(again->held_out, ElementsAre(1, 0, 0));
  EXPECT_THAT(again->item_features[8], ElementsAre(1, 3));
  EXPECT_TRUE(again->profiles[2].empty());
}

TEST(TrainingSequences, RefuseDamageAndNumbersOutOfRange) {
  const std::string bytes = example().encode();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(TrainingSequences::decode(damaged).ok()) << at;
    EXPECT_FALSE(TrainingSequences::decode(bytes.substr(0, at)).ok()) << at;
  }
  const auto refused = [](auto change) {
    TrainingSequences sequences = example();
    change(sequences);
    return !TrainingSequences::decode(sequences.encode()).ok();
  };
  EXPECT_TRUE(refused([](TrainingSequences& s) { s.actions[1].item = 10; }));
  EXPECT_TRUE(refused([](TrainingSequences& s) { s.actions[1].kind = kActionKinds; }));
  EXPECT_TRUE(refused([](TrainingSequences& s) { s.held_out[2] = 2; }));
  EXPECT_TRUE(refused([](TrainingSequences& s) {
    s.offsets[1] = 4;
    s.offsets[2] = 3;
  }));
  EXPECT_TRUE(refused([](TrainingSequences& s) { s.item_features.features[0] = 7; }));
  EXPECT_TRUE(refused([](TrainingSequences& s) { s.item_features.offsets.pop_back(); }));
}

Interactions interactions(std::initializer_list<std::vector<std::pair<std::uint32_t, TimestampMs>>> users) {
  Interactions out;
  out.items = 20;
  for (const auto& user : users) {
    ++out.users;
    for (const auto& [item, time_ms] : user) {
      out.item.push_back(item);
      out.weight.push_back(1);
      out.time_ms.push_back(time_ms);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

TEST(SequencesOf, OrdersByTimeAndHoldsTheLastOutOfSomeUsers) {
  const Interactions data =
      interactions({{{1, 30}, {2, 10}, {3, 20}}, {{5, 2}, {6, 1}}, {{7, 1}, {8, 2}, {9, 3}}});
  const TrainingSequences sequences = sequences_of(data, {.hold_out_every = 2});
  EXPECT_TRUE(sequences.ordered);
  EXPECT_THAT(sequences.actions_of(0),
              ElementsAre(TowerAction{2, 0, 10}, TowerAction{3, 0, 20}, TowerAction{1, 0, 30}));
  EXPECT_THAT(sequences.held_out, ElementsAre(1, 0, 0));  // the second has too few items
  EXPECT_THAT(sequences_of(data, {.hold_out_every = 0}).held_out, ElementsAre(0, 0, 0));
}

TEST(SequencesOf, ShufflesWhatHasNoOrder) {
  std::vector<std::pair<std::uint32_t, TimestampMs>> items;
  for (std::uint32_t item = 0; item < 20; ++item) items.emplace_back(item, 0);
  const Interactions data = interactions({items, items, items, items});
  const TrainingSequences sequences = sequences_of(data);
  EXPECT_FALSE(sequences.ordered);
  std::set<std::uint32_t> last;
  for (std::size_t user = 0; user < 4; ++user) last.insert(sequences.actions_of(user).back().item);
  EXPECT_GT(last.size(), 1u);
  EXPECT_EQ(sequences.encode(), sequences_of(data).encode());
}

TEST(TowerActions, AreTheNewestOfAHistoryInOrderOfTime) {
  const std::vector<HistoryEntry> history = {{2, 1, 300}, {5, 1, 100}, {9, 1, 200}};
  EXPECT_THAT(tower_actions(history, 2), ElementsAre(TowerAction{9, 0, 200}, TowerAction{2, 0, 300}));
}

TEST(GapBucket, GrowsWithTheGapAndKnowsWhatIsUnknown) {
  EXPECT_EQ(gap_bucket(0, kDayMs), 0u);
  EXPECT_EQ(gap_bucket(kDayMs, 0), 0u);
  EXPECT_EQ(gap_bucket(kDayMs, kDayMs), 1u);
  EXPECT_EQ(gap_bucket(2 * kDayMs, kDayMs), 1u);  // out of order: as no gap
  std::uint32_t before = 1;
  for (TimestampMs gap_ms = 30 * kSecondMs; gap_ms < 20'000 * kDayMs; gap_ms *= 2) {
    const std::uint32_t bucket = gap_bucket(kDayMs, kDayMs + gap_ms);
    EXPECT_GE(bucket, before);
    EXPECT_LT(bucket, kGapBuckets);
    before = bucket;
  }
  EXPECT_EQ(before, kGapBuckets - 1);
}

}  // namespace
}  // namespace winnow
