#include "models/ranking/ranker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "models/ranking/cascade.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// One expert whose only feature passes through to the heads: probability sigmoid(steepness x feature).
MmoeModel passing(std::uint32_t heads, float steepness) {
  MmoeModel model;
  model.shape = {
      .inputs = 1, .experts = 1, .expert_hidden = 1, .expert_outputs = 1, .heads = heads, .head_hidden = 1};
  model.expert_first = {{{1}, {10}}};  // keeps what it meets above 0
  model.expert_second = {{{1}, {0}}};
  for (std::uint32_t head = 0; head < heads; ++head) {
    model.gates.push_back({{0}, {0}});
    model.head_first.push_back({{1}, {0}});
    model.head_second.push_back({{steepness}, {-10 * steepness}});
  }
  model.sample = {0, 1};
  return model;
}

RankerModel two_heads() {
  RankerModel model;
  model.full_features = {"source.blend"};
  model.heads = {"click", "dislike"};
  model.network = passing(2, 1);
  model.calibration.resize(2);
  model.worth = {2, -1};
  return model;
}

struct Stage {
  UserState state;
  std::vector<ItemIndex> items;
  std::vector<ItemTraits> traits;
  std::vector<ItemActivity> activity;
  std::vector<float> blend;

  FeatureFrame frame() {
    for (std::uint32_t k = 0; k < blend.size(); ++k) items.push_back(ItemIndex{k});
    traits.resize(blend.size());
    activity.resize(blend.size());
    FeatureInputs in;
    in.state = &state;
    in.items = items;
    in.traits = traits;
    in.activity = activity;
    in.blend = blend;
    return FeatureFrame(in);
  }
};

TEST(RankerModel, ComesBackFromItsBytes) {
  RankerModel model = two_heads();
  model.light_features = {"source.als"};
  model.light = passing(1, -1);
  model.facts = {{0.5f, 0.25f}};
  const auto decoded = RankerModel::decode(model.encode());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->encode(), model.encode());
  EXPECT_EQ(decoded->facts[0].importance, 0.25f);
}

TEST(RankerModel, DamagedBytesAreCorrupt) {
  std::string bytes = two_heads().encode();
  for (const std::size_t at : {std::size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(RankerModel::decode(damaged).ok()) << at;
  }
}

TEST(RankerModel, PartsThatDoNotFitAreRefused) {
  RankerModel model = two_heads();
  model.worth.pop_back();
  EXPECT_FALSE(model.check().ok());
  model = two_heads();
  model.full_features.push_back("item.popularity");
  EXPECT_FALSE(model.check().ok());
}

TEST(Ranker, RefusesAFeatureOfAnotherRelease) {
  RankerModel model = two_heads();
  model.full_features = {"item.smell"};
  const auto ranker = Ranker::open(model);
  ASSERT_FALSE(ranker.ok());
  EXPECT_THAT(ranker.error().message, HasSubstr("item.smell"));
}

TEST(Ranker, ProbabilitiesBecomeWorth) {
  const auto ranker = Ranker::open(two_heads()).value();
  Stage stage{.blend = {1, -1}};
  const FeatureFrame frame = stage.frame();
  std::vector<float> probabilities(4);
  ASSERT_TRUE(ranker->full(frame, std::vector<std::uint32_t>{0, 1}, probabilities).ok());
  const float likely = 1 / (1 + std::exp(-1.0f));
  EXPECT_NEAR(probabilities[0], likely, 1e-5);
  EXPECT_NEAR(probabilities[2], 1 - likely, 1e-5);
  std::vector<float> worth(2);
  expected_worth(probabilities, ranker->worth(), worth);
  EXPECT_NEAR(worth[0], 2 * likely - likely, 1e-5);
}

TEST(Cascade, WhatTheFullRankerSawStandsBeforeTheRest) {
  RankerModel model = two_heads();
  model.worth = {-1, 0};  // the full ranker turns the order of the blend around
  const auto ranker = Ranker::open(model).value();
  Stage stage{.blend = {5, 4, 3, 2, 1}};
  const FeatureFrame frame = stage.frame();
  std::vector<float> scores = stage.blend;
  RequestTrace trace;
  ASSERT_TRUE(cascade(frame, *ranker, {ranker->worth()}, 2, trace, scores).ok());
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  EXPECT_THAT(order, ElementsAre(1, 0, 2, 3, 4));
}

TEST(Cascade, RevenueCountsByTheProbabilityOfItsOutcome) {
  RankerModel model = two_heads();
  model.worth = {1, 0};
  const auto ranker = Ranker::open(model).value();
  Stage stage{.blend = {3, 2, 1}};
  const FeatureFrame frame = stage.frame();
  const auto first_of = [&](const OutcomeWorth& worth) {
    std::vector<float> scores = stage.blend;
    RequestTrace trace;
    EXPECT_TRUE(cascade(frame, *ranker, worth, 3, trace, scores).ok());
    return std::ranges::max_element(scores) - scores.begin();
  };
  const std::vector<float> prices = {0, 0, 50};
  EXPECT_EQ(first_of({ranker->worth()}), 0);
  EXPECT_EQ(first_of({ranker->worth(), prices, 1}), 2) << "the dearest is worth most, however unlikely";
}

TEST(Cascade, WhatIsDearIsJudgedThoughTheBlendHasItLow) {
  RankerModel model = two_heads();
  model.worth = {1, 0};
  const auto ranker = Ranker::open(model).value();
  Stage stage{.blend = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
  const FeatureFrame frame = stage.frame();
  const auto judged = [&](std::span<const float> prices) {
    std::vector<float> scores = stage.blend;
    RequestTrace trace;
    EXPECT_TRUE(cascade(frame, *ranker, {ranker->worth(), prices, 1}, 4, trace, scores).ok());
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    order.resize(4);
    std::ranges::sort(order);
    return order;
  };
  EXPECT_THAT(judged({}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(judged(std::vector<float>(10, 0.0f)), ElementsAre(0, 1, 2, 3)) << "nothing has a price";
  const std::vector<float> one_dear = {0, 0, 0, 0, 0, 0, 0, 50, 1, 50};
  EXPECT_THAT(judged(one_dear), ElementsAre(0, 1, 2, 7)) << "of two as dear the likelier";
}

// Of any input but the sample's, where nothing overflows, so that the model opens.
void make_no_numbers(MmoeModel& model) {
  model.expert_first = {{{std::numeric_limits<float>::max()}, {10}}};
  model.expert_second = {{{10}, {0}}};
  model.head_second[0] = {{0}, {0}};  // infinity x 0
  model.sample = {0};
}

TEST(Cascade, PredictionsThatAreNoNumbersLeaveTheScoresAlone) {
  RankerModel model = two_heads();
  make_no_numbers(*model.network);
  const auto ranker = Ranker::open(model).value();
  Stage stage{.blend = {2, 1}};
  const FeatureFrame frame = stage.frame();
  std::vector<float> scores = stage.blend;
  RequestTrace trace;
  const Status status = cascade(frame, *ranker, {ranker->worth()}, 2, trace, scores);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::invalid);
  EXPECT_EQ(status.error().field, kFullRanker);
  EXPECT_THAT(scores, ElementsAre(2, 1));
}

TEST(Cascade, AWorthThatIsNotFiniteLeavesTheScoresAlone) {
  const auto ranker = Ranker::open(two_heads()).value();
  Stage stage{.blend = {3, 2, 1}};
  const FeatureFrame frame = stage.frame();
  const auto failing = [&](const OutcomeWorth& worth, std::size_t full) {
    std::vector<float> scores = stage.blend;
    RequestTrace trace;
    const Status status = cascade(frame, *ranker, worth, full, trace, scores);
    EXPECT_EQ(scores, stage.blend);
    return status.ok() ? std::string() : status.error().field;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> one_dear = {1, kInfinity, 1};
  EXPECT_EQ(failing({ranker->worth(), one_dear, 1}, 3), kFullRanker);
  const std::vector<float> all_dear(3, kInfinity);
  EXPECT_EQ(failing({ranker->worth(), all_dear, 1}, 2), kFullRanker) << "infinity x 0 chooses no rows";
  const std::vector<float> huge(2, std::numeric_limits<float>::max());
  EXPECT_EQ(failing({huge}, 3), kFullRanker);
}

TEST(Cascade, ALightRankerThatMakesNoNumbersIsTheOneToBlame) {
  RankerModel model = two_heads();
  model.light_features = {"source.blend"};
  model.light = passing(1, 1);
  make_no_numbers(*model.light);
  const auto ranker = Ranker::open(model).value();
  Stage stage{.blend = {2, 1}};
  const FeatureFrame frame = stage.frame();
  std::vector<float> scores = stage.blend;
  RequestTrace trace;
  const Status status = cascade(frame, *ranker, {ranker->worth()}, 1, trace, scores);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().field, kLightRanker);
  EXPECT_THAT(status.error().message, HasSubstr("light ranker"));
  EXPECT_THAT(scores, ElementsAre(2, 1));
}

}  // namespace
}  // namespace winnow
