#include "batch/impressions/build.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <tuple>

#include "batch/impressions/testing_impressions.h"
#include "models/ranking/ranking_set_format.h"

namespace winnow {
namespace {

constexpr TimestampMs kStart = 1'700'000'000'000;
constexpr std::size_t kClick = 0;
constexpr std::size_t kWatch = 1;
constexpr std::size_t kLike = 2;

// Everything is kept, and a window that no test outlives.
TrainingSetOptions all_rows() {
  TrainingSetOptions options;
  options.thinning.negatives_kept = 1;
  return options;
}

using RowKey = std::tuple<std::uint64_t, TimestampMs, std::uint32_t>;  // subject, time of the group, item

// Row -> features and labels; rows of one key (a group shown again at the same time) one behind the other.
std::map<RowKey, std::vector<std::vector<float>>> rows_of(const TrainingSet& set) {
  std::map<RowKey, std::vector<std::vector<float>>> out;
  const RankingSet& ranking = set.ranking;
  for (std::size_t g = 0; g < ranking.group_count(); ++g) {
    for (std::size_t r = ranking.groups[g]; r < ranking.groups[g + 1]; ++r) {
      const auto features = ranking.row(r);
      out[{set.subjects[g], ranking.time_ms[g], row(set.items[r])}].emplace_back(features.begin(),
                                                                                 features.end());
    }
  }
  return out;
}

TEST(BuildTrainingSet, GroupsWhatAnAnswerShowedAndLabelsWhatCameOfIt) {
  const TestingEventLog log = log_of(
      {shown("u", "a", kStart, "r1"), shown("u", "b", kStart + 5, "r1"), shown("v", "a", kStart + 6),
       shown("v", "c", kStart + 900), shown("v", "d", kStart + 60'000),  // another look, a minute later
       did("u", "b", Action::click, kStart + 10'000, "r1"),
       did("u", "b", Action::watch, kStart + 70'000, "r1", 30), did("v", "c", Action::like, kStart + 80'000),
       did("w", "w", Action::click, kStart + 3 * kDayMs)});
  const auto built = build_set(log, all_rows());
  ASSERT_TRUE(built.ok()) << built.error().message;
  const RankingSet& set = built->set.ranking;
  EXPECT_EQ(set.heads, (std::vector<std::string>{"click", "watch", "like", "finish", "dislike"}));
  EXPECT_EQ(set.groups, (std::vector<std::uint64_t>{0, 2, 4, 5}));
  EXPECT_EQ(set.time_ms, (std::vector<TimestampMs>{kStart, kStart + 6, kStart + 60'000}));
  const auto label = [&](std::size_t r, std::size_t head) { return set.labels_of(r)[head]; };
  EXPECT_EQ(label(0, kClick), 0);
  EXPECT_EQ(label(1, kClick), 1);
  EXPECT_EQ(label(1, kWatch), 0.5f);  // of a minute, as no duration is known
  EXPECT_EQ(label(2, kClick), 0);
  EXPECT_EQ(label(3, kLike), 1);
  EXPECT_EQ(label(4, kClick), 0);
  EXPECT_EQ(built->set.places, (std::vector<std::uint16_t>{1, 2, 1, 2, 1}));
  EXPECT_EQ(set.negatives_kept, 1);
}

TEST(BuildTrainingSet, TheStateIsThatOfBeforeAnythingWasShown) {
  // The click is sent at once, the impressions behind it in a batch.
  const TestingEventLog log =
      log_of({did("u", "a", Action::click, kStart + 50, "r"), shown("u", "a", kStart, "r"),
              shown("u", "b", kStart + 1, "r"), did("w", "w", Action::view, kStart + kDayMs)});
  std::vector<std::uint64_t> events_seen;
  const auto built =
      build_set(log, all_rows(), [&](const ImpressionMoment& moment, std::span<float>) -> Status {
        events_seen.push_back(moment.user.events);
        EXPECT_EQ(moment.position, 1u);
        EXPECT_EQ(moment.items.size(), 2u);
        return {};
      });
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(events_seen, (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(built->set.ranking.labels_of(0)[kClick], 1);
}

// With whole windows it is unknown too where it happened: else outcomes look the more frequent.
TEST(BuildTrainingSet, WhatIsNotOverIsUnknownUnlessItHappened) {
  const TestingEventLog log =
      log_of({shown("u", "a", kStart, "r"), shown("u", "b", kStart, "r"),
              did("u", "a", Action::like, kStart + 5, "r"), did("u", "z", Action::click, kStart + kHourMs)});
  for (const bool whole : {false, true}) {
    TrainingSetOptions options = all_rows();
    options.whole_windows = whole;
    const auto built = build_set(log, options);
    ASSERT_TRUE(built.ok());
    const RankingSet& set = built->set.ranking;
    EXPECT_EQ(std::isnan(set.labels_of(0)[kLike]), whole);  // 24 hours are not over
    EXPECT_TRUE(std::isnan(set.labels_of(1)[kLike]));
    EXPECT_EQ(set.labels_of(0)[kClick], 1);  // half an hour is
    EXPECT_EQ(set.labels_of(1)[kClick], 0);
    EXPECT_TRUE(std::isnan(set.labels_of(0)[kWatch]));
    EXPECT_EQ(built->report.outcomes_early, 1u);
  }
}

TEST(BuildTrainingSet, WhoNamesTheAnswerCameAfterItByHoweverSlowAClock) {
  const TestingEventLog log =
      log_of({did("u", "a", Action::click, kStart - 500, "r"), shown("u", "a", kStart, "r"),
              shown("u", "b", kStart, "r"), did("w", "w", Action::view, kStart + 3 * kDayMs)});
  std::uint64_t events_before = 0;
  const auto built =
      build_set(log, all_rows(), [&](const ImpressionMoment& moment, std::span<float>) -> Status {
        events_before += moment.user.events;
        return {};
      });
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->set.ranking.labels_of(0)[kClick], 1);
  EXPECT_EQ(built->set.ranking.labels_of(1)[kClick], 0);
  EXPECT_EQ(built->report.outcomes, 1u);
  EXPECT_EQ(events_before, 0u) << "the click is no part of what was known";
}

// One recommendation_id, shown to two users, as from a cache.
TEST(BuildTrainingSet, EachUserOfOneAnswerHasRowsAndOutcomesOfTheirOwn) {
  const TestingEventLog log =
      log_of({shown("u", "a", kStart, "r"), shown("v", "a", kStart + 5, "r"),
              shown("v", "b", kStart + 5, "r"), did("v", "a", Action::click, kStart + 10, "r"),
              did("x", "a", Action::click, kStart + 20, "r"),  // whose?
              did("x", "b", Action::click, kStart + 20, "r"),  // v's, signed in since
              did("w", "w", Action::view, kStart + 3 * kDayMs)});
  const auto built = build_set(log, all_rows());
  ASSERT_TRUE(built.ok());
  const RankingSet& set = built->set.ranking;
  ASSERT_EQ(set.rows(), 3u);
  EXPECT_EQ(set.labels_of(0)[kClick], 0);
  EXPECT_EQ(set.labels_of(1)[kClick], 1);
  EXPECT_EQ(set.labels_of(2)[kClick], 1);
  EXPECT_EQ(built->report.outcomes, 2u);
}

TEST(BuildTrainingSet, AnOutcomeThatNoStateKeepsIsALabel) {
  TrainingSetOptions options = all_rows();
  options.heads.push_back({.name = "subscribe", .rules = {"follow"}});
  const TestingEventLog log =  // of an item without a creator
      log_of({shown("u", "a", kStart, "r"), did("u", "a", Action::follow, kStart + 10, "r"),
              did("w", "w", Action::view, kStart + 3 * kDayMs)});
  const auto built = build_set(log, options);
  ASSERT_TRUE(built.ok()) << built.error().message;
  EXPECT_EQ(built->set.ranking.labels_of(0).back(), 1);
  EXPECT_EQ(built->report.not_applied, 1u);
}

TEST(BuildTrainingSet, AnOutcomeCountsWithinItsWindowHoweverLateItArrives) {
  TrainingSetOptions options = all_rows();
  options.late_ms = kDayMs;
  std::vector<Event> events(400, did("x", "x", Action::view, kStart - kHourMs));  // three late ones are few
  for (Event& event :
       std::vector<Event>{shown("u", "a", kStart, "r"), shown("u", "b", kStart, "r"),
                          shown("u", "c", kStart, "r"), did("w", "w", Action::click, kStart + 30 * kHourMs),
                          did("u", "a", Action::click, kStart + 29 * kMinuteMs, "r"),  // in time, a day late
                          did("u", "b", Action::click, kStart + 31 * kMinuteMs, "r"),  // half an hour is over
                          did("w", "w", Action::view, kStart + 49 * kHourMs),          // the group closes
                          did("u", "c", Action::click, kStart + 5 * kMinuteMs, "r")}) {  // too late
    events.push_back(std::move(event));
  }
  const TestingEventLog log = log_of(std::move(events));
  const auto built = build_set(log, options);
  ASSERT_TRUE(built.ok());
  const RankingSet& set = built->set.ranking;
  EXPECT_EQ(set.labels_of(0)[kClick], 1);
  EXPECT_EQ(set.labels_of(1)[kClick], 0);
  EXPECT_EQ(set.labels_of(2)[kClick], 0);
  EXPECT_EQ(built->report.outcomes, 2u);
}

// The slow, obvious attribution: for every outcome the row it belongs to, by looking at all of them.
TEST(BuildTrainingSet, LabelsAgreeWithTheObviousJoin) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Random random(seed);
    std::vector<Event> events = random_log(random, kStart, "r", {.moved = 1});
    if (seed % 2 == 0) events.push_back(did("w", "w", Action::view, kStart + 3 * kDayMs));  // all is over
    const TestingEventLog log = log_of(events);
    TrainingSetOptions options = all_rows();
    options.whole_windows = seed % 3 == 0;
    const auto built = build_set(log, options);
    ASSERT_TRUE(built.ok()) << built.error().message << ", seed " << seed;
    const auto heads = Heads::parse(default_heads());
    struct Row {
      const Event* shown;
      TimestampMs group_ms;
      std::vector<float> labels = std::vector<float>(5);
    };
    std::vector<Row> rows;
    TimestampMs newest_ms = 0;
    for (const Event& event : events) newest_ms = std::max(newest_ms, event.time_ms);
    for (const Event& event : events) {
      if (event.action != Action::impression) continue;
      const auto same_group = [&](const Row& other) {
        if (other.shown->user_id != event.user_id) return false;
        return event.recommendation_id.empty()
                   ? other.shown->recommendation_id.empty() && event.time_ms - other.group_ms <= kSecondMs
                   : other.shown->recommendation_id == event.recommendation_id;
      };
      const auto first = std::ranges::find_if(rows, same_group);
      const bool again = std::ranges::any_of(
          rows, [&](const Row& other) { return same_group(other) && other.shown->item_id == event.item_id; });
      if (!again) rows.push_back({&event, first == rows.end() ? event.time_ms : first->group_ms});
    }
    for (const Event& event : events) {
      if (event.action == Action::impression) continue;
      Row* owner = nullptr;
      for (Row& row : rows) {
        if (row.shown->item_id != event.item_id || row.shown->user_id != event.user_id) continue;
        if (!event.recommendation_id.empty() && row.shown->recommendation_id == event.recommendation_id) {
          owner = &row;
          break;
        }
        const bool other_answer = !event.recommendation_id.empty() && !row.shown->recommendation_id.empty();
        if (other_answer || row.shown->time_ms > event.time_ms) continue;
        if (owner == nullptr || row.shown->time_ms >= owner->shown->time_ms) owner = &row;
      }
      if (owner != nullptr) {
        heads->update(owner->labels, event, 0, event.time_ms - owner->shown->time_ms);
      }
    }
    const RankingSet& set = built->set.ranking;
    ASSERT_EQ(set.rows(), rows.size()) << "seed " << seed;
    std::map<std::tuple<std::uint64_t, TimestampMs>, std::vector<float>> wanted;  // labels summed by group
    for (Row& row : rows) {
      auto& sum = wanted[{hash64(row.shown->user_id), row.group_ms}];
      sum.resize(5);
      for (std::size_t h = 0; h < 5; ++h) {
        const bool over = row.shown->time_ms + heads->window_ms(h) <= newest_ms;
        if (over || !options.whole_windows) sum[h] += row.labels[h];
      }
    }
    for (std::size_t g = 0; g < set.group_count(); ++g) {
      const auto& sum = wanted.at({built->set.subjects[g], set.time_ms[g]});
      for (std::size_t h = 0; h < 5; ++h) {
        float total = 0;
        for (std::size_t r = set.groups[g]; r < set.groups[g + 1]; ++r) {
          if (!std::isnan(set.labels_of(r)[h])) total += set.labels_of(r)[h];
        }
        EXPECT_NEAR(total, sum[h], 1e-4) << "seed " << seed << ", group " << g << ", head " << h;
      }
    }
  }
}

// Whether what follows a moment changes its features: the log is cut at a random place and goes on otherwise.
bool changes_with_the_future(const MomentFeatures& (*features)(const TestingEventLog&), std::uint64_t seed) {
  Random random(seed);
  std::vector<Event> past = random_log(random, kStart, "past");
  const std::size_t cut = past.size() / 4 + random.below(static_cast<std::uint32_t>(past.size() / 2));
  std::vector<Event> other(past.begin(), past.begin() + static_cast<std::ptrdiff_t>(cut));
  const TimestampMs cut_ms = std::ranges::max_element(other, {}, &Event::time_ms)->time_ms;
  for (Event& event : random_log(random, cut_ms + kMinuteMs, "other")) other.push_back(std::move(event));
  const TestingEventLog first = log_of(past);
  const TestingEventLog second = log_of(other);
  const auto built = build_set(first, all_rows(), features(first));
  const auto again = build_set(second, all_rows(), features(second));
  EXPECT_TRUE(built.ok() && again.ok());
  const auto before = rows_of(built->set);
  const auto after = rows_of(again->set);
  std::size_t compared = 0;
  bool changed = false;
  for (const auto& [key, rows] : before) {
    const auto found = after.find(key);
    if (std::get<1>(key) > cut_ms - kMinuteMs || found == after.end()) continue;  // it reaches over the cut
    ++compared;
    changed = changed || rows != found->second;
  }
  EXPECT_GT(compared, 0u) << "seed " << seed;
  return changed;
}

TEST(BuildTrainingSet, NothingThatFollowsAMomentChangesItsFeatures) {
  static const MomentFeatures honest = telling_features();
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    EXPECT_FALSE(
        changes_with_the_future([](const TestingEventLog&) -> const MomentFeatures& { return honest; }, seed))
        << "seed " << seed;
  }
}

// The same check catches a leak: features from the events that are yet to come.
TEST(BuildTrainingSet, ALeakFromTheFutureIsCaught) {
  std::size_t caught = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    caught += changes_with_the_future(
        [](const TestingEventLog& log) -> const MomentFeatures& {
          static MomentFeatures leaky;
          leaky = [&log](const ImpressionMoment& moment, std::span<float> rows) -> Status {
            float later = 0;
            const auto next = log.read(moment.position, 200);
            for (const LogRecord& record : *next) {
              later += static_cast<float>(record.event.action);
            }
            for (float& value : rows) value = later;
            return {};
          };
          return leaky;
        },
        seed);
  }
  EXPECT_EQ(caught, 50u);
}

TEST(BuildTrainingSet, AnOutcomeNeverReachesTheStateOfItsMoment) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    const TestingEventLog log = log_of(random_log(random, kStart, "r", {.moved = 12}));
    const auto built =
        build_set(log, all_rows(), [&](const ImpressionMoment& moment, std::span<float>) -> Status {
          // Times of outcomes are drawn apart from those of impressions, so a later time is a later event.
          for (const Interaction& past : moment.user.history) EXPECT_LE(past.time_ms, moment.time_ms);
          return {};
        });
    ASSERT_TRUE(built.ok());
  }
}

TEST(BuildTrainingSet, TakesTheFeaturesThatWereServedWhereTheyAreThese) {
  const TestingEventLog log = log_of({shown("u", "a", kStart, "r"), shown("u", "b", kStart, "r"),
                                      shown("u", "a", kStart + 1, "old"), shown("u", "a", kStart + 2, "part"),
                                      shown("u", "b", kStart + 2, "part"), shown("u", "b", kStart + 3)});
  const std::uint64_t schema = schema_fingerprint({"user", "item"});
  TestingImpressionLog served;
  const auto answer = [&](std::string id, std::uint64_t its_schema, std::vector<float> features) {
    ServedImpression impression{.recommendation_id = std::move(id), .subject = "u", .schema = its_schema};
    for (std::uint32_t i = 0; 2 * i < features.size(); ++i)
      impression.items.push_back({.item = ItemIndex{i}});
    impression.features = std::move(features);
    served.offer(std::move(impression));
  };
  answer("r", schema, {1, 2, 3, 4});
  answer("old", schema + 1, {5, 6});
  answer("part", schema, {7, 8});
  std::size_t computed = 0;
  const auto built = build_set(
      log, all_rows(),
      [&](const ImpressionMoment& moment, std::span<float> rows) -> Status {
        std::ranges::fill(rows, -1.0f);
        computed += moment.items.size();
        return {};
      },
      &served);
  ASSERT_TRUE(built.ok()) << built.error().message;
  EXPECT_EQ(built->set.ranking.values, (std::vector<float>{1, 2, 3, 4, -1, -1, 7, 8, -1, -1, -1, -1}));
  EXPECT_EQ(computed, 3u);
  EXPECT_EQ(built->report.rows_as_served, 3u);

  // Only what was served, row by row.
  TrainingSetOptions strict = all_rows();
  strict.served_only = true;
  const auto as_served = build_set(log, strict, telling_features(), &served);
  ASSERT_TRUE(as_served.ok()) << as_served.error().message;
  EXPECT_EQ(as_served->set.ranking.values, (std::vector<float>{1, 2, 3, 4, 7, 8}));
  EXPECT_EQ(as_served->set.ranking.groups, (std::vector<std::uint64_t>{0, 2, 3}));
}

TEST(BuildTrainingSet, NothingBehindTheGivenPositionIsRead) {
  const TestingEventLog log =
      log_of({shown("u", "a", kStart, "r"), did("u", "a", Action::like, kStart + 1, "r"),
              shown("v", "a", kStart + 2 * kDayMs, "s")});
  const TestingCatalog catalog;
  const FeedbackPolicy feedback;
  MemoryFeatureStore states;
  const auto built = build_training_set(
      {log, catalog, feedback, states, {"user", "item"}, telling_features(), nullptr, 1}, all_rows());
  ASSERT_TRUE(built.ok()) << built.error().message;
  EXPECT_EQ(built->set.ranking.rows(), 1u);
  EXPECT_FALSE(built->set.ranking.labels_of(0)[kLike] > 0);
}

TEST(BuildTrainingSet, TheSameLogGivesTheSameSet) {
  Random random(5);
  const TestingEventLog log = log_of(random_log(random, kStart, "r", {.answers = 200}));
  TrainingSetOptions options;
  options.thinning.negatives_kept = 0.5;
  const auto first = build_set(log, options);
  const auto second = build_set(log, options);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(rows_of(first->set), rows_of(second->set));
  EXPECT_LT(first->set.ranking.rows(), first->report.rows_seen);
  options.seed = 2;
  EXPECT_NE(rows_of(build_set(log, options)->set), rows_of(first->set));
}

TEST(BuildTrainingSet, ClicksWeighByTheirPlaceWhereTrafficAtRandomPlacesTellsWhatItDoes) {
  Random random(21);
  std::vector<Event> events;
  constexpr double kClicked[] = {0.6, 0.3, 0.15};
  for (int answer = 0; answer < 2000; ++answer) {
    const std::string id = "r" + std::to_string(answer);
    const TimestampMs time_ms = kStart + answer * kMinuteMs;
    const bool explored = answer % 2 == 0;
    for (int place = 3; place >= 1; --place) {  // sent in another order than they stood in
      const std::string item = "i" + std::to_string(random.below(50)) + "-" + std::to_string(place);
      events.push_back(
          shown("u", item, time_ms, id,
                R"({"position":)" + std::to_string(place) + (explored ? R"(,"explored":true})" : "}")));
      if (random.uniform() < kClicked[place - 1])
        events.push_back(did("u", item, Action::click, time_ms, id));
    }
  }
  const auto built = build_set(log_of(std::move(events)), all_rows());
  ASSERT_TRUE(built.ok()) << built.error().message;
  EXPECT_TRUE(built->report.weighted_by_place);
  EXPECT_NEAR(static_cast<double>(built->report.explored), 3000, 60);  // the last windows are open still
  const RankingSet& set = built->set.ranking;
  for (std::size_t r = 0; r < set.rows(); ++r) {
    const double wanted =
        set.labels_of(r)[kClick] > 0 ? kClicked[0] / kClicked[built->set.places[r] - 1] : 1.0;
    EXPECT_NEAR(set.weights[r], wanted, 0.2 * wanted);
  }
}

// Stopped at many places, and once more by each run that goes on.
void expect_the_same_when_stopped(const TestingEventLog& log, TrainingSetOptions options) {
  const TestingCatalog catalog;
  const FeedbackPolicy feedback;
  MemoryFeatureStore undisturbed;
  const MomentFeatures features = telling_features();
  const auto run = [&](FeatureStore& states, const JobProgress& progress) {
    return build_training_set({log, catalog, feedback, states, {"user", "item"}, features}, options,
                              progress);
  };
  const auto whole = run(undisturbed, {});
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  options.checkpoint_events = 50;
  MemoryFeatureStore states;
  std::uint64_t stops = 0;
  std::uint64_t furthest = 0;
  for (;;) {
    const auto built = run(states, [&](std::string_view step, std::size_t done, std::size_t) {
      if (step != "join" || done <= furthest) return true;
      furthest = done;
      ++stops;
      return false;
    });
    if (!built.ok()) {
      ASSERT_EQ(built.error().code, ErrorCode::unavailable) << built.error().message;
      EXPECT_GT(states.last_checkpoint()->position, 0u);
      continue;
    }
    EXPECT_EQ(encode_ranking_set(built->set.ranking), encode_ranking_set(whole->set.ranking));
    EXPECT_EQ(built->set.places, whole->set.places);
    EXPECT_EQ(built->set.subjects, whole->set.subjects);
    EXPECT_EQ(built->report.outcomes, whole->report.outcomes);
    EXPECT_EQ(built->report.events, whole->report.events);
    break;
  }
  EXPECT_GE(stops, 3u);
}

TEST(BuildTrainingSet, EndsInTheSameBytesHoweverOftenItIsStopped) {
  Random random(12);
  std::vector<Event> events = random_log(random, kStart, "r", {.answers = 700, .span_ms = 100 * kHourMs});
  for (Event& event : events) event.context = R"({"explored":true,"surface":"home"})";
  expect_the_same_when_stopped(log_of(std::move(events)), {});
  expect_the_same_when_stopped(log_of(tasteful_events({.users = 300})), {});
}

TEST(BuildTrainingSet, OtherOptionsStartAfresh) {
  Random random(13);
  const TestingEventLog log = log_of(random_log(random, kStart, "r", {.answers = 300}));
  const TestingCatalog catalog;
  const FeedbackPolicy feedback;
  MemoryFeatureStore states;
  TrainingSetOptions options = all_rows();
  options.checkpoint_events = 50;
  const TrainingSetInputs inputs{log, catalog, feedback, states, {"user", "item"}, telling_features()};
  ASSERT_TRUE(build_training_set(inputs, options).ok());
  options.group_gap_ms = 5000;
  const auto built = build_training_set(inputs, options);
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(encode_ranking_set(built->set.ranking), encode_ranking_set(build_set(log, options)->set.ranking));
}

TEST(BuildTrainingSet, WithoutImpressionsLikedItemsStandBesideUnseenPopularOnes) {
  TestingEventLog log = log_of(tasteful_events({}));
  const auto built = build_set(log);
  ASSERT_TRUE(built.ok()) << built.error().message;
  EXPECT_TRUE(built->report.implicit);
  const RankingSet& set = built->set.ranking;
  EXPECT_EQ(set.negatives_kept, 1);
  EXPECT_GT(set.group_count(), 1000u);
  std::size_t full = 0;
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    const std::size_t first = set.groups[g];
    EXPECT_EQ(set.labels_of(first)[kClick], 1);
    const std::vector<ItemIndex> items(
        built->set.items.begin() + static_cast<std::ptrdiff_t>(first),
        built->set.items.begin() + static_cast<std::ptrdiff_t>(set.groups[g + 1]));
    EXPECT_EQ(std::ranges::count(items, items.front()), 1);
    full += items.size() == 11;
  }
  EXPECT_GT(full, set.group_count() / 2);
}

// What was shown and left alone is neither known to the user nor out of the question as a negative.
TEST(BuildTrainingSet, ALogWithImpressionsGivesAnImplicitSetToo) {
  std::vector<Event> events;
  for (Event& event : tasteful_events({.users = 50})) {
    events.push_back(shown(event.user_id, event.item_id, event.time_ms - 10));
    events.push_back(std::move(event));
  }
  TrainingSetOptions options;
  options.source = TrainingSetOptions::Source::implicit;
  const auto built = build_set(log_of(std::move(events)), options);
  ASSERT_TRUE(built.ok()) << built.error().message;
  EXPECT_TRUE(built->report.implicit);
  EXPECT_GT(built->set.ranking.group_count(), 100u);
}

TEST(BuildTrainingSet, ALogInOrderOfUsersIsReadByTime) {
  std::vector<Event> events = tasteful_events({});
  std::ranges::stable_sort(events, {}, &Event::user_id);
  TimestampMs newest_ms = 0;
  const auto built =
      build_set(log_of(events), {}, [&](const ImpressionMoment& moment, std::span<float>) -> Status {
        EXPECT_GE(moment.time_ms, newest_ms);
        newest_ms = moment.time_ms;
        EXPECT_LE(moment.statistics.newest_ms(), moment.time_ms);
        return {};
      });
  ASSERT_TRUE(built.ok());
  EXPECT_TRUE(built->report.by_time);
}

TEST(BuildTrainingSet, OldGroupsLieOutsideTheWindow) {
  TrainingSetOptions options = all_rows();
  options.window_days = 2;
  const TestingEventLog log =
      log_of({shown("u", "a", kStart, "r"), did("u", "a", Action::click, kStart + 1, "r"),
              shown("u", "b", kStart + 5 * kDayMs, "s"),
              did("u", "b", Action::click, kStart + 5 * kDayMs + 1, "s")});
  const auto built = build_set(log, options);
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->set.ranking.group_count(), 1u);
  EXPECT_EQ(built->set.ranking.time_ms.front(), kStart + 5 * kDayMs);
}

TEST(BuildTrainingSet, ErrorsSayWhatToDo) {
  EXPECT_EQ(build_set(TestingEventLog()).error().code, ErrorCode::conflict);
  TrainingSetOptions options;
  options.source = TrainingSetOptions::Source::impressions;
  const Error none = build_set(TestingEventLog(), options).error();
  EXPECT_EQ(none.code, ErrorCode::conflict);
  EXPECT_NE(none.message.find("the log holds no impression to learn from"), std::string::npos)
      << none.message;
  options.thinning.negatives_kept = 2;
  EXPECT_EQ(check(options).error().field, "training_set.negatives_kept");
  options = {};
  options.heads.push_back({.name = "subscribe", .rules = {"folow"}});
  EXPECT_EQ(check(options).error().field, "training_set.heads.subscribe");
  const TestingEventLog log = log_of({shown("u", "a", kStart, "r")});
  const auto failed = build_set(log, {}, [](const ImpressionMoment&, std::span<float>) -> Status {
    return Error{ErrorCode::internal, "no features"};
  });
  EXPECT_EQ(failed.error().message, "no features");
}

}  // namespace
}  // namespace winnow
