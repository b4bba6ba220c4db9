#include "models/ranking/lambda_gradients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

using Floats = std::vector<float>;
constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
const double kSecond = 1 / std::log2(3.0);  // the discount of the second place

struct Gradients {
  Floats first, second;
};

Gradients gradients(const Floats& scores, const Floats& labels, const LambdaOptions& options = {}) {
  Gradients out{Floats(scores.size(), 9), Floats(scores.size(), 9)};
  lambda_gradients(scores, labels, options, out.first, out.second);
  return out;
}

TEST(LambdaGradients, APairOfEqualScoresByHand) {
  // Swapping changes NDCG by 1 - kSecond; each way round is as likely; the group's sum is that change.
  const Gradients g = gradients({0, 0}, {0, 1});
  const double scaled = std::log2(1 + (1 - kSecond));
  EXPECT_NEAR(g.first[1], -scaled / 2, 1e-6);
  EXPECT_NEAR(g.first[0], scaled / 2, 1e-6);
  EXPECT_NEAR(g.second[0], scaled / 4, 1e-6);
  EXPECT_NEAR(g.second[1], scaled / 4, 1e-6);
}

TEST(LambdaGradients, APairApartByHand) {
  // In the right order by 2: p = 1 / (1 + e^2), the change by 0.01 + 2.
  const Gradients g = gradients({2, 0}, {1, 0});
  const double p = 1 / (1 + std::exp(2.0));
  const double change = (1 - kSecond) / 2.01;
  const double scale = std::log2(1 + 2 * p * change) / (2 * p * change);
  EXPECT_NEAR(g.first[0], -p * change * scale, 1e-6);
  EXPECT_NEAR(g.second[0], p * (1 - p) * change * scale, 1e-6);
}

TEST(LambdaGradients, PullsCancelOutAndPointTowardsBetterLabels) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    Floats scores, labels;
    for (std::uint32_t r = 0; r < 2 + random.below(20); ++r) {
      scores.push_back(static_cast<float>(random.normal()));
      labels.push_back(static_cast<float>(random.below(5)) / 4);
    }
    const Gradients g = gradients(scores, labels, {.truncation = 5, .grades = 4});
    double sum = 0;
    for (std::size_t r = 0; r < scores.size(); ++r) {
      sum += g.first[r];
      EXPECT_GE(g.second[r], 0) << round;
      if (labels[r] == 1) {
        EXPECT_LE(g.first[r], 1e-7f) << round;
      }
      if (labels[r] == 0) {
        EXPECT_GE(g.first[r], -1e-7f) << round;
      }
    }
    EXPECT_NEAR(sum, 0, 1e-5) << round;
  }
}

TEST(LambdaGradients, PairsBehindTheTruncationDoNotPull) {
  const Gradients g = gradients({4, 3, 2, 1}, {1, 1, 0, 1}, {.truncation = 2});
  // The third row, of no worth, is paired with the first two; the last pair is left out.
  EXPECT_EQ(g.first[3], 0);
  EXPECT_GT(g.first[2], 0);
}

TEST(LambdaGradients, UnknownRowsAndGroupsWithoutAGainAreLeftAlone) {
  const Gradients with = gradients({1, 5, 0}, {1, kUnknown, 0});
  const Gradients without = gradients({1, 0}, {1, 0});
  EXPECT_EQ(with.first[1], 0);
  EXPECT_EQ(with.second[1], 0);
  EXPECT_EQ(with.first[0], without.first[0]);
  EXPECT_EQ(gradients({1, 2}, {0, 0}).first, (Floats{0, 0}));
  EXPECT_EQ(gradients({1, 2}, {1, 1}).first, (Floats{0, 0}));
}

TEST(LambdaGradients, GradedNdcgByHand) {
  // Gains 3, 0, 1 of labels 2 / 2, 0, 1 / 2 at two grades; the order shown is 0, 1, 3.
  const double dcg = 1 * kSecond + 3 * 0.5;
  const double ideal = 3 + 1 * kSecond;
  EXPECT_NEAR(graded_ndcg(Floats{.1f, .9f, .5f}, Floats{1, 0, .5f}, 3, 2), dcg / ideal, 1e-9);
  EXPECT_NEAR(graded_ndcg(Floats{.1f, .9f, .5f}, Floats{1, 0, .5f}, 2, 2), kSecond / ideal, 1e-9);
  EXPECT_LT(graded_ndcg(Floats{.1f, .9f}, Floats{0, kUnknown}, 2, 1), 0);
}

}  // namespace
}  // namespace winnow
