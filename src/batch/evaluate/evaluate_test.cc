#include "batch/evaluate/evaluate.h"

#include <gmock/gmock.h>

#include "base/random.h"
#include "base/testing_folder.h"
#include "batch/evaluate/rankings.h"

namespace winnow {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;

// An event of item `item` at minute `minute`.
TimedInteraction event(std::uint32_t user, std::uint32_t item, int minute, bool positive = true) {
  return {user, item, 1, minute * kMinuteMs, positive ? Signal::positive : Signal::neutral};
}

TEST(TestFrom, ReadsBothFormsAndNamesTheRemedy) {
  EXPECT_DOUBLE_EQ(TestFrom::parse("0.8")->share, 0.8);
  EXPECT_FALSE(TestFrom::parse("0.8")->by_user);
  EXPECT_TRUE(TestFrom::parse("user:0.75")->by_user);
  for (const char* wrong : {"", "1", "0", "user:", "users:0.8", "0.8x", "nan"}) {
    const auto parsed = TestFrom::parse(wrong);
    ASSERT_FALSE(parsed.ok()) << wrong;
    EXPECT_EQ(parsed.error().field, "--test-from");
    EXPECT_THAT(parsed.error().message, HasSubstr("user:0.8"));
  }
}

TEST(SplitByTime, HoldsOutTheLastFifthOfEachUsersEvents) {
  std::vector<TimedInteraction> events;
  for (int k = 9; k >= 0; --k) events.push_back(event(0, static_cast<std::uint32_t>(k), k));  // out of order
  for (int k = 0; k < 5; ++k)
    events.push_back(event(1, static_cast<std::uint32_t>(k), 100));  // ties keep their order
  const EvaluationSplit split = split_by_time(events, 2, 10, {.share = 0.8, .by_user = true});
  EXPECT_THAT(split.train.items_of(0), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(split.test[0], ElementsAre(8, 9));
  EXPECT_THAT(split.train.items_of(1), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(split.test[1], ElementsAre(4));
}

TEST(SplitByTime, CountsUsersWithoutHistoryApart) {
  std::vector<TimedInteraction> events;
  for (int k = 0; k < 9; ++k) events.push_back(event(0, static_cast<std::uint32_t>(k), k));
  events.push_back(event(0, 9, 20));
  events.push_back(event(1, 3, 30));
  const EvaluationSplit split = split_by_time(events, 2, 10, {.share = 0.8});
  EXPECT_THAT(split.test[0], ElementsAre(9));
  EXPECT_THAT(split.test[1], IsEmpty());
  EXPECT_EQ(split.users_without_history, 1u);
}

TEST(SplitByTime, NegativesAreMaskedButNeitherLearnedFromNorTestedFor) {
  std::vector<TimedInteraction> events = {event(0, 0, 0), event(0, 1, 1, false), event(0, 2, 2),
                                          event(0, 3, 3), event(0, 1, 4)};
  const EvaluationSplit split = split_by_time(events, 1, 5, {.share = 0.6, .by_user = true});
  EXPECT_THAT(split.train.items_of(0), ElementsAre(0, 2));
  EXPECT_THAT(split.masked[0], ElementsAre(0, 1, 2));
  EXPECT_THAT(split.test[0], ElementsAre(3));  // item 1 was rated before
}

TEST(SplitByTime, ARepeatedPairAddsItsWeightsAndKeepsTheNewestTime) {
  const std::vector<TimedInteraction> events = {event(0, 1, 1), event(0, 1, 5), event(0, 2, 9)};
  const EvaluationSplit split = split_by_time(events, 1, 3, {.share = 0.7, .by_user = true});
  EXPECT_THAT(split.train.items_of(0), ElementsAre(1));
  EXPECT_FLOAT_EQ(split.train.weight[0], 2);
  EXPECT_EQ(split.train.time_ms[0], 5 * kMinuteMs);
}

// Property: whatever the events, nothing that is tested was known before, and the parts cover the positives.
TEST(SplitByTime, NeverTestsWhatTheUserHadBefore) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<TimedInteraction> events(random.below(120));
    for (auto& e : events) {
      e = event(random.below(6), random.below(15), static_cast<int>(random.below(40)), random.below(3) > 0);
    }
    const TestFrom from{.share = 0.1 + 0.8 * random.uniform(), .by_user = random.below(2) == 0};
    const EvaluationSplit split = split_by_time(events, 6, 15, from);
    ASSERT_EQ(split.test.size(), 6u);
    for (std::uint32_t user = 0; user < 6; ++user) {
      for (const std::uint32_t item : split.test[user]) {
        EXPECT_FALSE(std::ranges::binary_search(split.masked[user], item)) << round;
      }
      for (const std::uint32_t item : split.train.items_of(user)) {
        EXPECT_TRUE(std::ranges::binary_search(split.masked[user], item)) << round;
      }
    }
    const DividedEvents divided = divide_events(events, 6, from);
    EXPECT_EQ(divided.known.size() + divided.later.size(), events.size());
  }
}

TEST(ReadUserItems, MasksTrainItemsAndLeavesOutUsersWithoutTest) {
  const TestFolder folder;
  folder.write("train.txt", "u1 a b c\nu2 a d\nu3 b c d\n");
  folder.write("test.txt", "u1 d a\nu2\nnew a\n");
  const auto data = read_user_items(folder.path(), 1);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->items, 4u);
  EXPECT_EQ(data->test.train.size(), 8u);
  EXPECT_THAT(data->test.test[0], ElementsAre(3));  // a was trained on
  EXPECT_THAT(data->test.test[1], IsEmpty());
  EXPECT_EQ(data->test.users_without_history, 1u);
}

TEST(ReadUserItems, AMissingFileAndABadWordAreNamed) {
  const TestFolder folder;
  EXPECT_EQ(read_user_items(folder.path(), 1).error().code, ErrorCode::not_found);
  folder.write("train.txt", "u1 a\nu2 \xff\n");
  folder.write("test.txt", "u1 b\n");
  const auto data = read_user_items(folder.path(), 1);
  ASSERT_FALSE(data.ok());
  EXPECT_THAT(data.error().message, HasSubstr("train.txt, line 2"));
}

TEST(ReadSequences, TakesTheLastItemAsTestAndTheOneBeforeAsValidation) {
  const TestFolder folder;
  const auto file = folder.write("data.txt", "1 10 11 12 13\n2 11 10\n");
  const auto data = read_sequences(file);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_THAT(data->test.train.items_of(0), ElementsAre(0, 1));
  EXPECT_THAT(data->test.history.items_of(0), ElementsAre(0, 1, 2));
  EXPECT_THAT(data->validation.test[0], ElementsAre(2));
  EXPECT_THAT(data->test.test[0], ElementsAre(3));
  EXPECT_THAT(data->test.masked[0], ElementsAre(0, 1, 2));
  EXPECT_THAT(data->test.test[1], IsEmpty());  // too short to test
}

TEST(ReadSequences, TheTargetIsNotMaskedWhenTheHistoryHoldsItToo) {
  const TestFolder folder;
  const auto data = read_sequences(folder.write("data.txt", "1 7 8 9 7\n"));
  ASSERT_TRUE(data.ok());
  EXPECT_THAT(data->test.test[0], ElementsAre(0));
  EXPECT_THAT(data->test.masked[0], ElementsAre(1, 2));
}

TEST(ReadSequences, AUserWithTwoLinesIsAnError) {
  const TestFolder folder;
  EXPECT_FALSE(read_sequences(folder.write("data.txt", "1 7 8 9\n1 3 4 5\n")).ok());
}

TEST(Names, UnknownOnesNameTheNearest) {
  EXPECT_THAT(parse_models("item_to_itm").error().message, HasSubstr("item_to_item"));
  EXPECT_THAT(protocol_named("time-spilt").error().message, HasSubstr("time-split"));
  EXPECT_THAT(*parse_models("als,popular,als"), ElementsAre("als", "popular"));
  EXPECT_EQ(parse_models("als,,popular").error().field, "models");
  EXPECT_THAT(*parse_cutoffs("10, 20"), ElementsAre(10, 20));
  EXPECT_EQ(parse_cutoffs("10,0").error().field, "--k");
  EXPECT_THAT(parse_cutoffs("10,0").error().message, HasSubstr("--k is '0'"));
}

// Sixty users of two tastes over ten days.
std::vector<TimedInteraction> two_tastes() {
  Random random(9);
  std::vector<TimedInteraction> out;
  for (std::uint32_t user = 0; user < 60; ++user) {
    for (int k = 0; k < 15; ++k) {
      const std::uint32_t item = random.below(20) + (user % 2) * 20;
      out.push_back(event(user, item, static_cast<int>(random.below(10 * 24 * 60)), random.below(5) > 0));
    }
  }
  return out;
}

TEST(Evaluate, ReportsEveryModelWithIntervalsAndWithAndWithoutDecay) {
  auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok()) << data.error().message;
  EvaluateOptions options;
  options.cutoffs = {5, 10};
  options.parameters.options.als.dims = 16;
  const auto report = evaluate(*data, options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  std::vector<std::string> names;
  for (const ModelReport& model : report->models) names.push_back(model.name);
  EXPECT_THAT(names, ElementsAre("popular", "popular_decayed", "item_to_item", "als", "blend"));
  for (const ModelReport& model : report->models) {
    for (const auto& [name, metric] : model.metrics) {
      EXPECT_LE(metric.low, metric.value) << model.name << " " << name;
      EXPECT_GE(metric.high, metric.value) << model.name << " " << name;
    }
    EXPECT_THAT(model.metrics, Contains(Key("ndcg@5")));
  }
  // Tastes can be learned, popularity cannot know them.
  EXPECT_GT(report->models[3].metrics.at("ndcg@10").value,
            1.2 * report->models[0].metrics.at("ndcg@10").value);
}

TEST(Evaluate, TheSameSeedGivesTheSameMetrics) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = {"blend"}, .seed = 4};
  options.parameters.options.als.dims = 16;
  const auto first = evaluate(*data, options);
  const auto second = evaluate(*data, options);
  ASSERT_TRUE(first.ok() && second.ok());
  for (const auto& [name, metric] : first->models[0].metrics) {
    EXPECT_EQ(metric.value, second->models[0].metrics.at(name).value) << name;
    EXPECT_EQ(metric.low, second->models[0].metrics.at(name).low) << name;
  }
}

TEST(Evaluate, TuningSaysWhatItChose) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = {"als", "item_to_item"}, .tune = true};
  options.parameters.options.als.dims = 16;
  options.parameters.options.als.epochs = 3;
  const auto report = evaluate(*data, options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_THAT(report->chosen, Contains(Key("als.regularization")));
  EXPECT_THAT(report->chosen, Contains(Key("item_to_item.neighbours")));
}

TEST(Evaluate, BestSaysWhatItPickedAndIsNoWorseThanWhatItPicksFrom) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = {"popular", "item_to_item", "best"}};
  const auto report = evaluate(*data, options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  const ModelReport& best = report->models.back();
  EXPECT_EQ(best.name, "best");
  EXPECT_THAT(best.note, HasSubstr("item_to_item"));
  EXPECT_THAT(best.parameters, Contains(Key("weight.item_to_item")));
  EXPECT_GT(best.metrics.at("ndcg@10").value, report->models.front().metrics.at("ndcg@10").value);
}

TEST(Evaluate, OverridesReachTheirModelAndUnknownOnesNameTheNearest) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = {"item_to_item"}};
  options.parameters.overrides = {{"item_to_item.neighbours", 7}};
  const auto report = evaluate(*data, options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->models[0].parameters.at("neighbours"), 7);
  options.parameters.overrides = {{"item_to_item.neighbors", 7}};
  EXPECT_THAT(evaluate(*data, options).error().message, HasSubstr("item_to_item.neighbours"));
}

TEST(Evaluate, AModelThatTheDataCannotTeachIsLeftOutWithANote) {
  auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  const auto report = evaluate(*data, {.models = {"content", "popular"}});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_THAT(report->models[0].metrics, IsEmpty());
  EXPECT_THAT(report->models[0].note, HasSubstr("left out"));
  const auto compared =
      evaluate(*data, {.models = {"content", "popular"}, .compared = {"popular", "content"}});
  ASSERT_TRUE(compared.ok()) << compared.error().message;
  ASSERT_TRUE(compared->comparison);
  EXPECT_THAT(compared->comparison->metrics, IsEmpty());
  EXPECT_THAT(compared->comparison->note, HasSubstr("not compared: content was left out"));
  EXPECT_THAT(report_json(*compared), HasSubstr("not compared: content was left out"));
  // With descriptions that tell the two tastes apart it has something to say.
  for (std::uint32_t item = 0; item < 40; ++item) {
    Item described;
    described.tags = {item < 20 ? "red" : "blue"};
    data->terms.add(terms_of(described));
  }
  EvaluateOptions options{.models = {"content", "popular"}};
  options.parameters.overrides = {{"content.common_share", 1}};
  const auto again = evaluate(*data, options);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_GT(again->models[0].metrics.at("recall@20").value, again->models[1].metrics.at("recall@20").value);
}

// Every row of the table: trained, ranked and named, whatever it is.
TEST(Evaluate, PopularityWithDecayIsNotAddedWhereNothingCanChooseItsHalfLife) {
  const std::vector<TimedInteraction> events = {event(0, 0, 1), event(1, 0, 8), event(0, 1, 9),
                                                event(1, 1, 9)};
  const auto data = evaluation_data(events, 2, 2, {.share = 0.5, .by_user = true});
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->validation.train.size(), 0u);
  const auto report = evaluate(*data, {.models = {"popular"}});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->models.size(), 1u);
}

TEST(Evaluate, RankersOfNeitherNetworksNorTreesAreRefusedBeforeTheWork) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = {"popular", "funnel"}};
  options.ranker.network = options.ranker.trees = false;
  int steps = 0;
  const auto refused = evaluate(*data, options, [&](std::string_view) { return ++steps > 0; });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().field, "ranking.networks");
  EXPECT_EQ(steps, 0);
}

TEST(Evaluate, ProgressCanEndIt) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  int steps = 0;
  const auto ended =
      evaluate(*data, {.models = {"popular", "item_to_item"}}, [&](std::string_view) { return ++steps < 3; });
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
  EXPECT_EQ(steps, 3);
}

TEST(Evaluate, EveryModelOfTheTableRunsOnSmallData) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = model_names()};
  options.parameters.overrides = {{"als.dims", 16}, {"graph.dims", 8}, {"graph.epochs", 3}, {"bpr.dims", 8}};
  const auto report = evaluate(*data, options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  for (const ModelReport& model : report->models) {
    EXPECT_EQ(model.metrics.empty(), model.note.starts_with("left out")) << model.name << ": " << model.note;
  }
}

TEST(Evaluate, ASpentBudgetEndsTheSearchAndNotTheRun) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  EvaluateOptions options{.models = {"item_to_item"}, .tune = true, .budget_s = 0};
  const auto report = evaluate(*data, options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_THAT(report->models[0].note, HasSubstr("budget"));
  EXPECT_THAT(report->models[0].metrics, Contains(Key("ndcg@10")));
  EXPECT_LT(estimated_seconds(*data, options),
            estimated_seconds(*data, {.models = {"item_to_item"}, .tune = true}));
}

TEST(ReadSequences, TimesCarryTheOrderOfTheHistory) {
  const TestFolder folder;
  const auto data = read_sequences(folder.write("data.txt", "1 9 7 8 7 5 4\n"));
  ASSERT_TRUE(data.ok());
  // Items in order of appearance: 9, 7, 8, 5, 4; the second 7 is the newer one.
  const auto items = data->test.history.items_of(0);
  const auto times = data->test.history.times_of(0);
  std::vector<std::pair<TimestampMs, std::uint32_t>> order;
  for (std::size_t k = 0; k < items.size(); ++k) order.emplace_back(times[k], items[k]);
  std::ranges::sort(order);
  std::vector<std::uint32_t> by_time;
  for (const auto& [time_ms, item] : order) by_time.push_back(item);
  EXPECT_THAT(by_time, ElementsAre(0, 2, 1, 3));
}

TEST(RankUsers, ABlendOfOneModelRanksAsTheModelDoes) {
  const auto data = evaluation_data(two_tastes(), 60, 40, {.share = 0.8, .by_user = true});
  ASSERT_TRUE(data.ok());
  const auto model = train_item_to_item(data->test.train, {});
  ASSERT_TRUE(model.ok());
  std::vector<std::vector<std::uint32_t>> alone;
  rank_users(*model, data->test, 5, [&](std::uint32_t, std::span<const std::uint32_t> list) {
    alone.emplace_back(list.begin(), list.end());
  });
  std::size_t user = 0;
  rank_users({{&*model}, {1.0f}}, data->test, 5, [&](std::uint32_t, std::span<const std::uint32_t> list) {
    EXPECT_EQ(alone[user++], std::vector<std::uint32_t>(list.begin(), list.end()));
  });
  EXPECT_EQ(user, alone.size());
}

TEST(Evaluate, NothingToTestOnIsAnErrorWithTheRemedy) {
  const std::vector<TimedInteraction> events = {event(0, 1, 1), event(1, 2, 2)};
  const auto data = evaluation_data(events, 2, 3, {.share = 0.5});
  ASSERT_FALSE(data.ok());
  EXPECT_THAT(data.error().message, HasSubstr("earlier"));
}

TEST(ReportJson, HoldsTheFixedFields) {
  EvaluationReport report{.protocol = "sequence", .input = "a \"b\".txt", .seed = 3};
  ModelReport model{.name = "als", .users = 7, .items = 9, .events = 11};
  model.parameters["dims"] = 64;
  model.metrics["recall@20"] = {0.25, 0.2, 0.3};
  report.models = {model};
  const std::string json = report_json(report);
  EXPECT_THAT(json, HasSubstr("\"protocol\": \"sequence\""));
  EXPECT_THAT(json, HasSubstr("\"input\": \"a \\\"b\\\".txt\""));
  EXPECT_THAT(json, HasSubstr("\"recall@20\": {\"value\": 0.25, \"low\": 0.2, \"high\": 0.3}"));
  EXPECT_THAT(json, HasSubstr("\"users\": 7, \"items\": 9, \"events\": 11"));
  EXPECT_THAT(json, HasSubstr("\"dims\": 64"));
}

}  // namespace
}  // namespace winnow
