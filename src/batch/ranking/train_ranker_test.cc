#include "batch/ranking/train_ranker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "features/feature_schema.h"
#include "models/gbdt/xgboost_library.h"

namespace winnow {
namespace {

// Outcomes follow the feature `telling`; all others but the blend, which is noise, stand still.
RankingSet telling_set(const std::string& telling, std::size_t groups) {
  Random random(4);
  RankingSet set;
  set.features = names_of(all_features());
  set.heads = {"click", "like"};
  for (std::size_t g = 0; g < groups; ++g) {
    for (int r = 0; r < 20; ++r) {
      const double x = random.normal();
      for (const std::string& feature : set.features) {
        const bool noise = feature == "source.blend";
        set.values.push_back(feature == telling ? static_cast<float>(x)
                             : noise            ? static_cast<float>(random.normal())
                                                : 0.0f);
      }
      for (const double offset : {-1.0, -2.0})
        set.labels.push_back(random.uniform() < 1 / (1 + std::exp(-2 * x - offset)) ? 1.0f : 0.0f);
      set.weights.push_back(1);
    }
    set.groups.push_back(set.rows());
    set.time_ms.push_back(0);
  }
  return set;
}

TEST(TrainRanker, FindsWhatOutcomesFollowAndIsJudgedBesideTheBlendAndTheLiveRanker) {
  if (!XgboostLibrary::open().ok()) GTEST_SKIP() << "XGBoost's library is not installed";
  RankerOptions options;
  options.network = false;
  options.tree.rounds = 40;
  const RankingSet set = telling_set("item.rate", 300);
  const auto first = train_ranker(set, options);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const RankingJudgement& judgement = first->report.judgement;
  EXPECT_GT(judgement.ndcg("full"), judgement.ndcg("blend") + 0.2);
  EXPECT_GT(judgement.find("all", kCombined, "full")->gain->low, 0.1);
  EXPECT_GT(judgement.find("all", "like", "full")->auc.value(), 0.8);
  EXPECT_LT(judgement.find("all", "like", "full")->calibration_error.value(), 0.05);
  EXPECT_EQ(judgement.find("all", "like", "light"), nullptr) << "networks were not asked for";
  ASSERT_EQ(first->model.trees.size(), 2u);
  EXPECT_GT(first->model.trees[0].trees.size(), 1u);
  EXPECT_LE(first->model.trees[0].trees.size(), 40u);

  // What it learns from is of no use to a ranker of another feature.
  const auto other = train_ranker(telling_set("item.fast", 300), options);
  ASSERT_TRUE(other.ok()) << other.error().message;
  const auto second = train_ranker(set, options, &other->model);
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_GT(second->report.judgement.ndcg("full"), second->report.judgement.ndcg("live") + 0.2);
}

// Likely users have more of every outcome, whatever they are shown: that orders nothing within a list.
TEST(TrainRanker, WhatAllCandidatesOfAListShareIsOfNoImportanceForItself) {
  if (!XgboostLibrary::open().ok()) GTEST_SKIP() << "XGBoost's library is not installed";
  RankingSet set = telling_set("item.rate", 300);
  const auto number = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(set.features, name) - set.features.begin());
  };
  const std::size_t shared = number("user.history");
  Random random(7);
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    const double mood = random.normal();
    for (std::size_t r = set.groups[g]; r < set.groups[g + 1]; ++r) {
      set.values[r * set.features.size() + shared] = static_cast<float>(mood);
      const double x = static_cast<double>(set.row(r)[number("item.rate")]);
      for (std::size_t h = 0; h < 2; ++h)
        set.labels[r * 2 + h] = random.uniform() < 1 / (1 + std::exp(1 - x - 2 * mood)) ? 1.0f : 0.0f;
    }
  }
  RankerOptions options;
  options.network = false;
  options.tree.rounds = 40;
  const auto trained = train_ranker(set, options);
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  const FeatureFact& item = trained->model.facts[number("item.rate")];
  const FeatureFact& user = trained->model.facts[shared];
  EXPECT_GT(item.importance, 0.05f);
  EXPECT_LT(std::abs(user.importance), 0.01f);
  EXPECT_GT(user.coverage, 0.99f);
}

TEST(TrainRanker, TooFewExamplesAreAConflict) {
  const auto few = train_ranker(telling_set("item.rate", 40), {});
  ASSERT_FALSE(few.ok());
  EXPECT_EQ(few.error().code, ErrorCode::conflict);
}

TEST(TrainRanker, NeitherNetworksNorTreesIsRefusedByTheNamesOfBothSettings) {
  RankerOptions options;
  options.network = options.trees = false;
  const auto none = train_ranker(telling_set("item.rate", 120), options);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::invalid);
  EXPECT_NE(none.error().message.find("ranking.networks and ranking.trees"), std::string::npos);
}

}  // namespace
}  // namespace winnow
