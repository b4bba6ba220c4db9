#include "batch/ranking/judge_ranking.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "batch/ranking/segments.h"
#include "batch/ranking/set_columns.h"
#include "evaluation/ranking_metrics.h"
#include "features/feature_schema.h"

namespace winnow {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

// Groups of four rows with one outcome each, in the row that the feature "truth" marks. User g has done g
// actions; the age of a row's item is its place in the group, in years, and that of the last is unknown.
RankingSet marked_set(std::size_t groups) {
  RankingSet set;
  set.features = {"user.events",     "item.age_years", "item.age_known",
                  "item.popularity", "source.blend",   "truth"};
  set.heads = {"click", "dislike"};
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t r = 0; r < 4; ++r) {
      const bool hit = r == g % 4;
      set.values.insert(set.values.end(),
                        {std::log1p(static_cast<float>(g)), static_cast<float>(r), r == 3 ? 0.0f : 1.0f,
                         static_cast<float>(r), static_cast<float>(r == 0), hit ? 1.0f : 0.0f});
      set.labels.insert(set.labels.end(), {hit ? 1.0f : 0.0f, kUnknown});
      set.weights.push_back(1);
    }
    set.groups.push_back(set.rows());
    set.time_ms.push_back(0);
  }
  return set;
}

std::vector<float> feature(const RankingSet& set, std::size_t column) {
  std::vector<float> out;
  for (std::size_t r = 0; r < set.rows(); ++r) out.push_back(set.row(r)[column]);
  return out;
}

RankingJudgement judged(const RankingSet& set) {
  RankingEngine oracle{"oracle", feature(set, 5), {}};
  for (const float truth : oracle.order)
    oracle.probabilities.insert(oracle.probabilities.end(), {truth > 0 ? 0.9f : 0.1f, kUnknown});
  const std::vector<RankingEngine> engines = {{"blend", feature(set, 4), {}}, std::move(oracle)};
  return judge_ranking(set, std::vector<float>{2, -1}, engines, 1);
}

TEST(Segments, DivideTheRowsByHistoryAndByAge) {
  const std::vector<Segment> segments = segments_of(marked_set(120));
  std::vector<std::string> names;
  for (const Segment& segment : segments) names.push_back(segment.name);
  EXPECT_THAT(names, ElementsAre("all", "new users", "light users", "heavy users", "new items", "old items",
                                 "undated items"));
  const auto named = [&](std::string_view name) {
    return *std::ranges::find(segments, name, &Segment::name);
  };
  EXPECT_EQ(named("new users").rows.size(), 4u * 20);
  EXPECT_EQ(named("light users").rows.size(), 4u * 80);
  EXPECT_EQ(named("heavy users").groups.size(), 20u + 1);
  EXPECT_EQ(named("new items").rows.size(), 120u);
  EXPECT_THAT(named("undated items").rows, Contains(3u));
}

TEST(JudgeRanking, APerfectOrderHasAllOfNdcgAndItsGainExcludesZero) {
  const RankingJudgement found = judged(marked_set(100));
  const JudgedOrder* const oracle = found.find("all", kCombined, "oracle");
  ASSERT_NE(oracle, nullptr);
  EXPECT_DOUBLE_EQ(oracle->ndcg.value(), 1);
  // The blend puts the first row first, and the others share their places: hits at places 1 to 4 alike.
  double expected = 0;
  for (std::size_t place = 0; place < 4; ++place) expected += rank_discount(place) / 4;
  EXPECT_NEAR(found.ndcg("blend"), expected, 1e-12);
  ASSERT_TRUE(oracle->gain);
  EXPECT_NEAR(oracle->gain->mean, 1 - expected, 1e-12);
  EXPECT_GT(oracle->gain->low, 0);
  EXPECT_FALSE(found.find("all", kCombined, "blend")->gain);
}

TEST(JudgeRanking, PredictionsAreJudgedByHeadAndOrdersByTheirOrder) {
  const RankingJudgement found = judged(marked_set(100));
  const JudgedOrder* const oracle = found.find("all", "click", "oracle");
  ASSERT_NE(oracle, nullptr);
  EXPECT_DOUBLE_EQ(oracle->auc.value(), 1);
  EXPECT_DOUBLE_EQ(oracle->grouped_auc.value(), 1);
  EXPECT_NEAR(oracle->log_loss.value(), -std::log(0.9), 1e-6);
  EXPECT_NEAR(oracle->calibration_error.value(), 0.1, 1e-6);
  const JudgedOrder* const blend = found.find("all", "click", "blend");
  ASSERT_NE(blend, nullptr);
  EXPECT_TRUE(blend->auc);
  EXPECT_FALSE(blend->log_loss);
  EXPECT_EQ(found.find("all", "dislike", "oracle"), nullptr);  // no label is known
}

TEST(JudgeRanking, ASegmentIsJudgedByItsOwnRows) {
  const RankingJudgement found = judged(marked_set(100));
  const JudgedOrder* const fresh = found.find("new items", kCombined, "blend");
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->groups, 25u);  // every fourth group has its outcome there
  EXPECT_EQ(fresh->rows, 100u);
  EXPECT_DOUBLE_EQ(fresh->ndcg.value(), 1);  // the only row of its group
}

TEST(JudgeRanking, RowsThatStandForOthersWeighAsMany) {
  RankingSet set = marked_set(100);
  set.negatives_kept = 0.1;
  const RankingJudgement judgement = judged(set);
  const JudgedOrder* const oracle = judgement.find("all", "click", "oracle");
  ASSERT_NE(oracle, nullptr);
  // 0.1 too little for one row, 0.1 too much for thirty: the sign does not matter, the shares do.
  EXPECT_NEAR(oracle->calibration_error.value(), 0.1, 1e-6);
  EXPECT_NEAR(oracle->log_loss.value(), -std::log(0.9), 1e-6);
  // A constant prediction tells them apart: the mean label is 1 of 31.
  std::vector<RankingEngine> constant = {{"constant", std::vector<float>(set.rows()), {}}};
  for (std::size_t r = 0; r < set.rows(); ++r)
    constant[0].probabilities.insert(constant[0].probabilities.end(), {1.0f / 31, kUnknown});
  const RankingJudgement found = judge_ranking(set, std::vector<float>{1, 0}, constant, 1);
  EXPECT_NEAR(found.find("all", "click", "constant")->calibration_error.value(), 0, 1e-6);
}

TEST(JudgeRanking, AnEngineThatGivesNearlyAllListsOneScoreIsLeftOutAndNamed) {
  const RankingSet set = marked_set(200);
  std::vector<RankingEngine> engines = {{"blend", std::vector<float>(set.rows()), {}},
                                        {"oracle", feature(set, 5), {}}};
  engines[0].order[0] = 1;  // one list of 200 is ordered
  const RankingJudgement found = judge_ranking(set, std::vector<float>{2, -1}, engines, 1);
  EXPECT_EQ(found.find("all", kCombined, "blend"), nullptr);
  ASSERT_NE(found.find("all", kCombined, "oracle"), nullptr);
  EXPECT_FALSE(found.find("all", kCombined, "oracle")->gain);
  EXPECT_THAT(found.notes, Contains(HasSubstr("blend is left out")));
  EXPECT_THAT(found.notes, Contains(HasSubstr("199 of 200 lists")));
  EXPECT_THAT(judgement_json(found), HasSubstr("blend is left out"));
  EXPECT_THAT(judged(set).notes, Not(Contains(HasSubstr("left out"))));
}

TEST(JudgeRanking, WhatCannotBeJudgedIsSaidAndPredictionsOfItAreStillMeasured) {
  RankingSet set = marked_set(20);
  EXPECT_THAT(judged(set).notes, ElementsAre("dislike is not judged: its label is unknown in every row"));
  for (std::size_t r = 0; r < set.rows(); ++r) set.labels[r * 2] = 0;
  const RankingJudgement without = judged(set);
  EXPECT_THAT(without.notes, Contains(HasSubstr("click happened to no candidate")));
  EXPECT_THAT(without.notes, Contains(HasSubstr("orders are not judged")));
  EXPECT_EQ(without.find("all", kCombined, "oracle"), nullptr);
  const JudgedOrder* const oracle = without.find("all", "click", "oracle");
  ASSERT_NE(oracle, nullptr);
  EXPECT_GT(oracle->log_loss.value(), 0);
  EXPECT_GT(oracle->calibration_error.value(), 0);
  EXPECT_FALSE(oracle->ndcg || oracle->auc || oracle->gain);
  EXPECT_EQ(without.find("all", "click", "blend"), nullptr) << "it predicts nothing";

  set.heads.clear();
  set.labels.clear();
  const std::vector<RankingEngine> orders = {{"blend", feature(set, 4), {}}};
  EXPECT_THAT(judge_ranking(set, {}, orders, 1).notes, ElementsAre(HasSubstr("has no outcomes")));
  RankingSet empty;
  empty.heads = {"click"};
  EXPECT_THAT(judge_ranking(empty, std::vector<float>{1}, {}, 1).notes,
              ElementsAre(HasSubstr("the set has no rows")));
}

TEST(FillMissing, PutsTheDefaultOfTheSchemaWhereAValueIsMissing) {
  RankingSet set = marked_set(2);
  const auto& definitions = feature_definitions();
  const auto odd =
      std::ranges::find_if(definitions, [](const auto& feature) { return feature.fallback != 0; });
  ASSERT_NE(odd, definitions.end());
  set.features[1] = odd->name;
  set.features[5] = "someone's own";
  for (const std::size_t at : {0, 1, 5}) set.values[at] = kUnknown;
  const std::vector<float> before = set.values;
  fill_missing(set);
  EXPECT_EQ(set.values[0], 0);
  EXPECT_EQ(set.values[1], odd->fallback);
  EXPECT_TRUE(std::isnan(set.values[5])) << "nobody knows its default";
  EXPECT_TRUE(std::equal(before.begin() + 6, before.end(), set.values.begin() + 6));
}

TEST(NdcgByGroup, AgreesWithTheMetricOfWholeListsForPlainHits) {
  Random random(3);
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t n = 1 + random.below(40);
    std::vector<float> gains;
    std::vector<float> scores;
    std::size_t relevant = 0;
    for (std::size_t r = 0; r < n; ++r) {
      gains.push_back(random.below(4) == 0 ? 1.0f : 0.0f);
      relevant += gains.back() > 0 ? 1 : 0;
      scores.push_back(static_cast<float>(n - r));
    }
    const std::vector<std::uint64_t> groups = {0, n};
    const std::vector<double> found = ndcg_by_group(groups, gains, scores);
    if (relevant == 0) {
      EXPECT_TRUE(found.empty());
      continue;
    }
    std::vector<std::uint8_t> hits(gains.begin(),
                                   gains.begin() + static_cast<std::ptrdiff_t>(std::min(n, kJudgedCutoff)));
    EXPECT_NEAR(found.at(0), ndcg_of_hits(hits, relevant, kJudgedCutoff), 1e-12) << trial;
  }
}

TEST(NdcgByGroup, HowRowsOfOneScoreLieDoesNotMatter) {
  const std::vector<std::uint64_t> groups = {0, 4};
  const std::vector<float> alike = {1, 1, 1, 1};
  const double mean = (1 + 1 / std::log2(3.0) + 1 / std::log2(4.0) + 1 / std::log2(5.0)) / 4;
  EXPECT_NEAR(ndcg_by_group(groups, std::vector<float>{1, 0, 0, 0}, alike).at(0), mean, 1e-12);
  EXPECT_NEAR(ndcg_by_group(groups, std::vector<float>{0, 0, 0, 1}, alike).at(0), mean, 1e-12);
  // One above the ties, and they reach beyond the cutoff.
  std::vector<float> scores(30, 0.0f);
  std::vector<float> gains(30, 0.0f);
  scores[7] = 1;
  gains[29] = 1;
  double expected = 0;
  for (int place = 1; place < 10; ++place) expected += 1 / std::log2(place + 2.0) / 29;
  EXPECT_NEAR(ndcg_by_group(std::vector<std::uint64_t>{0, 30}, gains, scores).at(0), expected, 1e-12);
}

TEST(CombinedGains, AddWhatOutcomesAreWorthAndAreNeverNegative) {
  RankingSet set;
  set.heads = {"like", "dislike"};
  set.labels = {1, 0, 0, 1, 1, 1, kUnknown, 0};
  set.weights = {1, 1, 1, 1};
  EXPECT_THAT(combined_gains(set, std::vector<float>{4, -3}), ElementsAre(4, 0, 1, 0));
}

TEST(JudgementJson, HoldsEveryFigureAndNullsForTheUnknown) {
  const std::string json = judgement_json(judged(marked_set(100)));
  EXPECT_THAT(
      json,
      HasSubstr(R"({"segment":"all","head":"combined","engine":"blend","rows":400,"groups":100,"auc":null)"));
  EXPECT_THAT(json, HasSubstr(R"("ndcg@10":1,"gain":{"difference":)"));
}

}  // namespace
}  // namespace winnow
