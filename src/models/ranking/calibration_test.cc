#include "models/ranking/calibration.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "models/ranking/ranking_set.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using Floats = std::vector<float>;
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

// Probabilities that are too sure of themselves: outcomes follow sigmoid(logit(p) / 2 - 1).
struct Overconfident {
  Floats scores, labels;

  Overconfident(std::uint64_t seed, std::size_t rows) {
    Random random(seed);
    for (std::size_t r = 0; r < rows; ++r) {
      const double x = random.normal() * 2;
      scores.push_back(static_cast<float>(1 / (1 + std::exp(-x))));
      labels.push_back(random.uniform() < 1 / (1 + std::exp(1 - x / 2)) ? 1.0f : 0.0f);
    }
  }
};

double error_after(CalibrationMethod method) {
  const Overconfident fitted(1, 20'000);
  const Overconfident other(2, 20'000);
  const HeadCalibration map = calibrate(method, {fitted.scores, fitted.labels});
  Floats calibrated;
  for (const float score : other.scores) calibrated.push_back(map(score));
  return calibration_error({calibrated, other.labels});
}

TEST(Calibration, ViolatorsArePooledByHand) {
  EXPECT_THAT(pool_adjacent_violators(std::vector<double>{1, 3, 2, 4}, std::vector<double>{1, 1, 1, 1}),
              ElementsAre(1, 2.5, 2.5, 4));
  // 3 then 0 of weight 2 pool to 1, which pools with the 2 before: (2 + 3 + 0) / 4.
  EXPECT_THAT(pool_adjacent_violators(std::vector<double>{2, 3, 0}, std::vector<double>{1, 1, 2}),
              ElementsAre(1.25, 1.25, 1.25));
}

Floats repeated(const Floats& values, std::size_t times) {
  Floats out;
  for (const float value : values) out.insert(out.end(), times, value);
  return out;
}

TEST(Calibration, IsotonicIsReadBetweenTheCentresOfItsSteps) {
  // Steps: {.1, .2} -> 0 of 2, {.3, .5} -> 1 of 2, {.9} -> 1 of 1, of 10,000 rows each.
  const Floats scores = repeated({.1f, .2f, .3f, .5f, .9f, .99f}, 10'000);
  const HeadCalibration map =
      calibrate(CalibrationMethod::isotonic, {scores, repeated({0, 0, 1, 0, 1, kUnknown}, 10'000)});
  EXPECT_THAT(map.scores, ElementsAre(FloatNear(.15f, 1e-6f), FloatNear(.4f, 1e-6f), FloatNear(.9f, 1e-6f)));
  EXPECT_NEAR(map(.15f), .5 / 20'001, 1e-9);
  EXPECT_NEAR(map(.4f), .5, 1e-6);
  EXPECT_NEAR(map(.65f), .75, 1e-4);
  EXPECT_NEAR(map(.9f), 10'000.5 / 10'001, 1e-6);
  EXPECT_NEAR(map(0), 0, 1e-5);
  EXPECT_NEAR(map(1), 1, 1e-5);
}

TEST(Calibration, BeyondTheOutermostStepsTheOddsMoveAsTheScoresOwn) {
  const Floats scores = repeated({.2f, .5f}, 100), labels = repeated({.25f, .75f}, 100);
  const HeadCalibration map = calibrate(CalibrationMethod::isotonic, {scores, labels, Floats(200, 1e4f)});
  const auto odds = [](double p) { return p / (1 - p); };
  EXPECT_NEAR(odds(map(.8f)), odds(.75) * odds(.8) / odds(.5), 1e-3);
  EXPECT_NEAR(odds(map(.1f)), odds(.25) * odds(.1) / odds(.2), 1e-5);
  EXPECT_LT(map(.8f), map(.81f));
}

// Outcomes follow the scores. One row of the rarer outcome above all others would be a step of its own, which
// makes whatever is scored as high certain.
TEST(Calibration, ALuckyRowAtTheTopMakesNothingCertain) {
  Random random(11);
  Floats scores, labels;
  for (int r = 0; r < 5000; ++r) {
    scores.push_back(static_cast<float>(0.1 * random.uniform()));
    labels.push_back(random.uniform() < scores.back() ? 1.0f : 0.0f);
  }
  scores.push_back(0.12f);
  labels.push_back(1);
  const HeadCalibration map = calibrate(CalibrationMethod::isotonic, {scores, labels});
  EXPECT_NEAR(map(.05f), .05, .02);
  EXPECT_LT(map(.12f), .25);
  EXPECT_LT(map(.2f), .4);
}

TEST(Calibration, BothMethodsCureOverconfidenceOnOtherRows) {
  EXPECT_GT(error_after(CalibrationMethod::none), 0.15);
  EXPECT_LT(error_after(CalibrationMethod::isotonic), 0.015);
  EXPECT_LT(error_after(CalibrationMethod::platt), 0.015);
}

TEST(Calibration, PlattFindsTheSlopeAndTheOffset) {
  const Overconfident rows(3, 50'000);
  const HeadCalibration map = calibrate(CalibrationMethod::platt, {rows.scores, rows.labels});
  EXPECT_NEAR(map.slope, 0.5, 0.03);
  EXPECT_NEAR(map.offset, -1, 0.05);
}

TEST(Calibration, PlattDoesNotTurnOrderAroundAndSurvivesSeparableRows) {
  const Floats scores = {.1f, .2f, .8f, .9f};
  const HeadCalibration reversed = calibrate(CalibrationMethod::platt, {scores, Floats{1, 1, 0, 0}});
  EXPECT_TRUE(reversed.check().ok());
  EXPECT_NEAR(reversed(.1f), .5, 1e-6);
  const HeadCalibration perfect = calibrate(CalibrationMethod::platt, {scores, Floats{0, 0, 1, 1}});
  EXPECT_TRUE(perfect.check().ok());
  EXPECT_GT(perfect(.9f), perfect(.1f));
}

TEST(Calibration, AWeightIsAsGoodAsRepeatingTheRow) {
  const Floats scores = {.1f, .3f, .6f}, labels = {0, 1, 1}, weights = {2, 1, 1};
  const Floats twice = {.1f, .1f, .3f, .6f}, twice_labels = {0, 0, 1, 1};
  for (const auto method : {CalibrationMethod::isotonic, CalibrationMethod::platt}) {
    const HeadCalibration a = calibrate(method, {scores, labels, weights});
    const HeadCalibration b = calibrate(method, {twice, twice_labels});
    for (const float p : {.05f, .2f, .5f, .7f}) EXPECT_NEAR(a(p), b(p), 1e-6);
  }
}

TEST(Calibration, IsNeverDescending) {
  Random random(9);
  for (int round = 0; round < 100; ++round) {
    Floats scores, labels;
    for (std::uint32_t r = 0; r < 3 + random.below(40); ++r) {
      scores.push_back(static_cast<float>(random.below(20)) / 19);
      labels.push_back(static_cast<float>(random.below(3)) / 2);
    }
    for (const auto method : {CalibrationMethod::isotonic, CalibrationMethod::platt}) {
      const HeadCalibration map = calibrate(method, {scores, labels});
      ASSERT_TRUE(map.check().ok()) << round;
      for (int p = 0; p < 100; ++p)
        ASSERT_LE(map(static_cast<float>(p) / 100), map(static_cast<float>(p + 1) / 100)) << round;
    }
  }
}

// Rows without any outcome are thinned; a row that was clicked and not liked is a negative of "like" that was
// kept for sure.
TEST(Calibration, EveryHeadOfAThinnedSetIsAsOfAllRows) {
  Random random(12);
  RankingSet set;
  set.heads = {"click", "like"};
  set.negatives_kept = 0.1;
  Floats all_scores;
  double clicks = 0;
  double likes = 0;
  for (int r = 0; r < 100'000; ++r) {
    const auto score = static_cast<float>(0.02 + 0.2 * random.uniform());
    const bool clicked = random.uniform() < score;
    const bool liked = clicked && random.below(2) == 0;
    all_scores.push_back(score);
    clicks += clicked;
    likes += liked;
    if (!clicked && random.uniform() >= set.negatives_kept) continue;
    set.features = {"score"};
    set.values.push_back(score);
    set.labels.insert(set.labels.end(), {clicked ? 1.0f : 0.0f, liked ? 1.0f : 0.0f});
    set.weights.push_back(1);
  }
  const Floats weights = weights_of_all_rows(set);
  for (const auto method : {CalibrationMethod::isotonic, CalibrationMethod::platt}) {
    for (std::size_t head = 0; head < 2; ++head) {
      Floats labels;
      for (std::size_t r = 0; r < set.rows(); ++r) labels.push_back(set.labels_of(r)[head]);
      const HeadCalibration map = calibrate(method, {set.values, labels, weights});
      double sum = 0;
      for (const float score : all_scores) sum += map(score);
      EXPECT_NEAR(sum / (head == 0 ? clicks : likes), 1, 0.02) << set.heads[head];
    }
  }
}

TEST(Calibration, ModelsOfOldCorrectForDroppedNegativesLast) {
  // One positive in ten; a tenth of the negatives kept makes it one of 1.9.
  EXPECT_NEAR(corrected_for_sampling(1 / 1.9, 0.1), 0.1, 1e-12);
  EXPECT_EQ(corrected_for_sampling(0.3, 1), 0.3);
  EXPECT_NEAR(HeadCalibration{.negatives_kept = 0.1}(static_cast<float>(1 / 1.9)), 0.1, 1e-6);
}

TEST(Calibration, OneClassLeavesProbabilitiesAsTheyAre) {
  const HeadCalibration map = calibrate(CalibrationMethod::isotonic, {Floats{.2f, .4f}, Floats{0, kUnknown}});
  EXPECT_EQ(map.method, CalibrationMethod::none);
  EXPECT_EQ(map(.3f), .3f);
}

TEST(Calibration, ComesBackFromItsBytesAndDamageIsSeen) {
  const Overconfident rows(4, 500);
  const std::vector<HeadCalibration> heads = {
      calibrate(CalibrationMethod::isotonic, {rows.scores, rows.labels}),
      calibrate(CalibrationMethod::platt, {rows.scores, rows.labels}),
      {.negatives_kept = 0.5}};
  std::string bytes = encode_calibration(heads);
  const auto read = decode_calibration(bytes);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 3u);
  for (std::size_t h = 0; h < 3; ++h) EXPECT_EQ((*read)[h](.37f), heads[h](.37f));
  bytes[20] ^= 1;
  EXPECT_EQ(decode_calibration(bytes).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace winnow
