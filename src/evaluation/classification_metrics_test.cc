#include "evaluation/classification_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

using Floats = std::vector<float>;
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

TEST(ClassificationMetrics, AucCountsPairsAndTiesHalf) {
  // Positives .8 and .4, negatives .6, .4 and .2: of six pairs four are won and one is a tie.
  const Floats scores = {.8f, .4f, .6f, .4f, .2f};
  const Floats labels = {1, 1, 0, 0, 0};
  EXPECT_DOUBLE_EQ(auc({scores, labels}).value(), 4.5 / 6);
}

TEST(ClassificationMetrics, AucLeavesUnknownLabelsOutAndNeedsBothClasses) {
  const Floats scores = {.9f, .1f, .5f};
  EXPECT_DOUBLE_EQ(auc({scores, Floats{kUnknown, 0, 1}}).value(), 1);
  EXPECT_FALSE(auc({scores, Floats{1, 1, kUnknown}}));
  EXPECT_FALSE(auc({{}, {}}));
}

TEST(ClassificationMetrics, AWeightIsAsGoodAsRepeatingTheRowAndASoftLabelAsBothClasses) {
  const Floats scores = {.8f, .4f, .6f, .4f};
  const Floats labels = {1, .25f, 0, 0};
  const Floats weights = {1, 4, 3, 1};
  const Floats repeated_scores = {.8f, .4f, .4f, .4f, .4f, .6f, .6f, .6f, .4f};
  const Floats repeated_labels = {1, 1, 0, 0, 0, 0, 0, 0, 0};
  const ScoredRows weighted{scores, labels, weights};
  const ScoredRows repeated{repeated_scores, repeated_labels};
  EXPECT_DOUBLE_EQ(auc(weighted).value(), auc(repeated).value());
  EXPECT_NEAR(log_loss(weighted), log_loss(repeated), 1e-12);
  EXPECT_NEAR(calibration_error(weighted, 2), calibration_error(repeated, 2), 1e-12);
}

TEST(ClassificationMetrics, AucAgreesWithCountingAllPairsOnRandomRows) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    Floats scores, labels, weights;
    for (std::uint32_t r = 0; r < 2 + random.below(30); ++r) {
      scores.push_back(static_cast<float>(random.below(8)) / 8);
      labels.push_back(static_cast<float>(random.below(2)));
      weights.push_back(static_cast<float>(1 + random.below(3)));
    }
    double won = 0, pairs = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      for (std::size_t j = 0; j < scores.size(); ++j) {
        if (labels[i] != 1 || labels[j] != 0) continue;
        const double pair = double{weights[i]} * weights[j];
        pairs += pair;
        won += pair * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0);
      }
    }
    const auto found = auc({scores, labels, weights});
    ASSERT_EQ(found.has_value(), pairs > 0) << round;
    if (found) {
      EXPECT_NEAR(*found, won / pairs, 1e-12) << round;
    }
  }
}

TEST(ClassificationMetrics, GroupsCountByTheirRowsAndOnlyWithBothClasses) {
  // A perfect group of 2, a reversed one of 3, one without positives.
  const Floats scores = {.9f, .1f, .2f, .5f, .6f, .7f, .8f};
  const Floats labels = {1, 0, 1, 0, 0, 0, 0};
  const std::vector<std::uint64_t> groups = {0, 2, 5, 7};
  EXPECT_DOUBLE_EQ(grouped_auc({scores, labels}, groups).value(), 2.0 / 5);
  const Floats weights = {3, 3, 1, 1, 1, 1, 1};
  EXPECT_DOUBLE_EQ(grouped_auc({scores, labels, weights}, groups).value(), 6.0 / 9);
  EXPECT_FALSE(grouped_auc({scores, labels}, std::vector<std::uint64_t>{5, 7}));
}

TEST(ClassificationMetrics, LogLossIsTheDefinitionAndNeverInfinite) {
  EXPECT_NEAR(log_loss({Floats{.8f, .3f}, Floats{1, 0}}), (-std::log(.8) - std::log(.7)) / 2, 1e-7);
  EXPECT_NEAR(log_loss({Floats{.5f}, Floats{.3f}}), std::log(2), 1e-12);
  EXPECT_NEAR(log_loss({Floats{0}, Floats{1}}), -std::log(1e-7), 1e-6);
  EXPECT_EQ(log_loss({Floats{.5f}, Floats{kUnknown}}), 0);
}

TEST(ClassificationMetrics, CalibrationErrorIsThatOfBinsOfEqualWeight) {
  // Two bins: means .15 and .75, of labels 0 and .5.
  EXPECT_NEAR(calibration_error({Floats{.1f, .2f, .7f, .8f}, Floats{0, 0, 1, 0}}, 2), (.15 + .25) / 2, 1e-7);
  // One score is one bin, in whatever order its labels come.
  EXPECT_NEAR(calibration_error({Floats(100, .5f),
                                 [] {
                                   Floats labels(100);
                                   std::fill_n(labels.begin(), 50, 1.0f);
                                   return labels;
                                 }()}),
              0, 1e-12);
  EXPECT_EQ(calibration_error({{}, {}}), 0);
}

}  // namespace
}  // namespace winnow
