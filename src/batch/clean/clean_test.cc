#include "batch/clean/clean.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "batch/clean/bots.h"
#include "batch/clean/daily_cap.h"
#include "batch/clean/decay.h"
#include "batch/clean/pairs.h"
#include "batch/clean/sessions.h"
#include "batch/clean/weights.h"

namespace winnow {
namespace {

constexpr TimestampMs kNow = 1'700'000'000'000;

struct Deed {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  Action action = Action::click;
  TimestampMs time_ms = kNow;
  double value = 0;
};

EventColumns columns(const std::vector<Deed>& deeds) {
  EventColumns events;
  for (const Deed& deed : deeds) {
    events.users = std::max(events.users, deed.user + 1);
    events.user.push_back(deed.user);
    events.item.push_back(deed.item);
    events.action.push_back(deed.action);
    events.value.push_back(static_cast<float>(deed.value));
    events.time_ms.push_back(deed.time_ms);
  }
  return by_user_and_time(std::move(events));
}

Evidence evidence_of(const std::vector<Deed>& deeds) {
  return weigh(columns(deeds), FeedbackPolicy(), {}).evidence;
}

TEST(Bots, AreThoseWhoActMoreOftenThanTheLimitInSomeMinute) {
  std::vector<Deed> deeds;
  for (int i = 0; i < 101; ++i) deeds.push_back({.user = 0, .item = 1, .time_ms = kNow + i * 590});  // 59 s
  for (int i = 0; i < 100; ++i) deeds.push_back({.user = 1, .item = 1, .time_ms = kNow});  // at the limit
  for (int i = 0; i < 500; ++i) deeds.push_back({.user = 2, .item = 1, .time_ms = kNow + i * kSecondMs});
  const WithoutBots out = remove_bots(columns(deeds), 100);
  EXPECT_EQ(out.bots, 1u);
  EXPECT_EQ(out.removed, 101u);
  EXPECT_EQ(std::count(out.events.user.begin(), out.events.user.end(), 0u), 0);
  EXPECT_EQ(out.events.size(), 600u);
}

TEST(Bots, AreFoundBetweenMinutesOfTheClockAndLateInAHistory) {
  std::vector<Deed> deeds;
  for (int i = 0; i < 300; ++i) deeds.push_back({.item = 1, .time_ms = kNow + i * kHourMs});
  for (int i = 0; i < 101; ++i)
    deeds.push_back({.item = 1, .time_ms = kNow + 301 * kHourMs + 30 * kSecondMs + i * 500});
  EXPECT_EQ(remove_bots(columns(deeds), 100).bots, 1u);
}

TEST(Bots, AreNotThoseWhoWereShownALot) {
  std::vector<Deed> deeds(500, {.action = Action::impression});
  EXPECT_EQ(remove_bots(columns(deeds), 100).bots, 0u);
  EXPECT_EQ(remove_bots(columns(std::vector<Deed>(500, Deed{})), 0).bots, 0u);
}

TEST(Sessions, EndAfterAPauseLongerThanTheLimit) {
  const WithoutRepeats out = remove_repeats(columns({{.item = 1},
                                                     {.item = 2, .time_ms = kNow + 30 * kMinuteMs},
                                                     {.item = 3, .time_ms = kNow + 60 * kMinuteMs + 1},
                                                     {.user = 1, .item = 1}}),
                                            30);
  EXPECT_EQ(out.sessions, 3u);
  EXPECT_EQ(out.removed, 0u);
}

TEST(Sessions, CountARepeatedDeedOnceAndKeepTheStrongest) {
  const WithoutRepeats out = remove_repeats(
      columns({{.item = 1, .action = Action::watch, .value = 10},
               {.item = 1, .action = Action::watch, .time_ms = kNow + 1000, .value = 50},
               {.item = 1, .action = Action::watch, .time_ms = kNow + 2000, .value = 20},
               {.item = 1, .action = Action::click, .time_ms = kNow + 2500},
               {.item = 1, .action = Action::watch, .time_ms = kNow + 5 * kHourMs, .value = 5}}),
      30);
  EXPECT_EQ(out.sessions, 2u);
  EXPECT_EQ(out.removed, 2u);
  EXPECT_EQ(out.events.value, (std::vector<float>{50, 0, 5}));
}

TEST(Sessions, KeepTheNewestRating) {
  const WithoutRepeats out =
      remove_repeats(columns({{.action = Action::rating, .value = 5},
                              {.action = Action::rating, .time_ms = kNow + 1, .value = 2}}),
                     30);
  EXPECT_EQ(out.events.value, std::vector<float>{2});
}

TEST(Weights, SpeakForWhatIsLikedAndForWhatNoRuleJudges) {
  const Weighed out = weigh(columns({{.item = 0, .action = Action::purchase},
                                     {.item = 1, .action = Action::view},
                                     {.item = 2, .action = Action::rating, .value = 3},
                                     {.item = 3, .action = Action::rating, .value = 4.5},
                                     {.item = 4, .action = Action::dislike},
                                     {.item = 5, .action = Action::impression}}),
                            FeedbackPolicy(), {});
  EXPECT_EQ(out.removed, 2u) << "the rating of 3 was judged and found neither; an impression says nothing";
  EXPECT_EQ(out.evidence.item, (std::vector<std::uint32_t>{0, 1, 3, 4}));
  EXPECT_EQ(out.evidence.weight, (std::vector<float>{10, 1, 5, 0}));
  EXPECT_EQ(out.evidence.signal,
            (std::vector<Signal>{Signal::positive, Signal::neutral, Signal::positive, Signal::negative}));
}

TEST(Weights, JudgeWatchingByTheItemsDuration) {
  const std::vector<Deed> deeds = {{.item = 0, .action = Action::watch, .value = 60},
                                   {.item = 1, .action = Action::watch, .value = 60}};
  const std::vector<double> durations = {100, 1000};
  const Weighed out = weigh(columns(deeds), FeedbackPolicy(), durations);
  EXPECT_EQ(out.evidence.item, std::vector<std::uint32_t>{0});
}

TEST(DailyCap, KeepsTheNegativeThenTheStrongestThenTheNewest) {
  const Capped out = cap_days(evidence_of({{.item = 0, .action = Action::view},
                                           {.item = 1, .action = Action::click, .time_ms = kNow + 1},
                                           {.item = 2, .action = Action::click, .time_ms = kNow + 2},
                                           {.item = 3, .action = Action::purchase, .time_ms = kNow + 3},
                                           {.item = 4, .action = Action::dislike, .time_ms = kNow + 4},
                                           {.item = 5, .action = Action::view, .time_ms = kNow + 5}}),
                              3);
  EXPECT_EQ(out.removed, 3u);
  EXPECT_EQ(out.evidence.item, (std::vector<std::uint32_t>{2, 3, 4}));
}

TEST(DailyCap, CountsEachUserAndDayByItself) {
  std::vector<Deed> deeds;
  for (std::uint32_t user = 0; user < 3; ++user) {
    for (std::uint32_t day = 0; day < 4; ++day) {
      for (std::uint32_t k = 0; k < 7; ++k)
        deeds.push_back({.user = user, .item = k, .time_ms = kNow + day * kDayMs});
    }
  }
  EXPECT_EQ(cap_days(evidence_of(deeds), 5).removed, 3u * 4 * 2);
  EXPECT_EQ(cap_days(evidence_of(deeds), 0).removed, 0u);
  EXPECT_EQ(cap_days(evidence_of(deeds), 7).removed, 0u);
}

TEST(DailyCap, SeesDaysBefore1970) {
  EXPECT_EQ(cap_days(evidence_of({{.item = 0, .time_ms = -1}, {.item = 1, .time_ms = 0}}), 1).removed, 0u);
}

TEST(Decay, HalvesOverAHalfLifeAndLeavesALeastShare) {
  const double per_day = std::log(2.0) / 10;
  const Evidence out = decay(evidence_of({{.item = 0, .time_ms = kNow - 10'000 * kDayMs},
                                          {.item = 1, .time_ms = kNow - 10 * kDayMs},
                                          {.item = 2, .time_ms = kNow}}),
                             per_day);
  EXPECT_FLOAT_EQ(out.weight[0], static_cast<float>(3 * kLeastShare));
  EXPECT_FLOAT_EQ(out.weight[1], 1.5f);
  EXPECT_FLOAT_EQ(out.weight[2], 3);
  EXPECT_FLOAT_EQ(decay(evidence_of({{.time_ms = 0}, {.time_ms = kNow}}), 0).weight[0], 3);
}

TEST(Pairs, AddUpTheEvidenceAndKeepTheNewestTime) {
  const Merged out = merge_pairs(evidence_of({{.item = 5, .action = Action::view, .time_ms = kNow},
                                              {.item = 2, .action = Action::view, .time_ms = kNow + 1},
                                              {.item = 5, .action = Action::click, .time_ms = kNow + 2}}));
  EXPECT_EQ(out.merged, 1u);
  EXPECT_EQ(out.pairs.item, (std::vector<std::uint32_t>{2, 5}));
  EXPECT_EQ(out.pairs.weight, (std::vector<float>{1, 4}));
  EXPECT_EQ(out.pairs.liked, (std::vector<std::uint8_t>{0, 1}));
  EXPECT_EQ(out.pairs.action, (std::vector<Action>{Action::view, Action::click}));
  EXPECT_EQ(out.pairs.time_ms, (std::vector<TimestampMs>{kNow + 1, kNow + 2}));
}

TEST(Pairs, FollowTheNewestSignal) {
  const Merged out = merge_pairs(evidence_of({{.item = 0, .action = Action::like},
                                              {.item = 0, .action = Action::dislike, .time_ms = kNow + 1},
                                              {.item = 0, .action = Action::view, .time_ms = kNow + 2},
                                              {.item = 1, .action = Action::dislike},
                                              {.item = 1, .action = Action::like, .time_ms = kNow + 1}}));
  EXPECT_EQ(out.disliked, 1u);
  EXPECT_EQ(out.pairs.item, std::vector<std::uint32_t>{1});
  EXPECT_EQ(out.pairs.weight, std::vector<float>{5});
}

// Every event ends in exactly one of the report's counts, whatever comes in.
TEST(Clean, AccountsForEveryEvent) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    std::vector<Deed> deeds;
    const std::uint32_t count = random.below(400);
    const std::uint32_t span_minutes = 1 + random.below(20'000);
    for (std::uint32_t i = 0; i < count; ++i) {
      deeds.push_back({.user = random.below(5),
                       .item = random.below(12),
                       .action = static_cast<Action>(random.below(kActionCount)),
                       .time_ms = kNow - random.below(span_minutes) * kMinuteMs,
                       .value = random.below(6) * 1.0});
    }
    const Cleaned out =
        clean(columns(deeds), FeedbackPolicy(), {}, {.bot_events_per_minute = 20, .daily_cap = 10});
    const CleanReport& r = out.report;
    EXPECT_EQ(r.events, count);
    EXPECT_EQ(r.pairs, out.pairs.size());
    EXPECT_EQ(r.by_bots + r.repeats + r.silent + r.over_cap + r.merged + r.by_dislike + r.pairs, r.events)
        << "seed " << seed;
    EXPECT_TRUE(std::all_of(out.pairs.weight.begin(), out.pairs.weight.end(), [](float w) { return w > 0; }));
    for (std::size_t i = 1; i < out.pairs.size(); ++i) {
      EXPECT_LT(std::tie(out.pairs.user[i - 1], out.pairs.item[i - 1]),
                std::tie(out.pairs.user[i], out.pairs.item[i]));
    }
  }
}

}  // namespace
}  // namespace winnow
