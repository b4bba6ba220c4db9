#include "batch/impressions/position_bias.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace winnow {
namespace {

constexpr std::uint16_t kPlaces = 8;

// What users would click if they looked: one in five. How often they look: 1 / place.
ImpressionGroup slate(Random& random, bool explored, std::uint32_t surface = 0) {
  ImpressionGroup group;
  group.surface = surface;
  for (std::uint16_t place = 1; place <= kPlaces; ++place) {
    group.rows.push_back({ItemIndex{place}, 0, place, explored});
    group.labels.push_back(random.uniform() < 0.2 / place ? 1.0f : 0.0f);
  }
  return group;
}

TEST(PositionBias, FindsThePropensitiesThatClicksWereDrawnFrom) {
  Random random(4);
  PositionBias bias({.prior_impressions = 20, .least_propensity = 0.15});
  for (int i = 0; i < 50'000; ++i) bias.count(slate(random, true), 1, 0);
  const std::vector<double> found = bias.propensities(0);
  ASSERT_EQ(found.size(), kPlaces);
  for (std::size_t i = 0; i < kPlaces; ++i) {
    EXPECT_NEAR(found[i], std::max(1.0 / static_cast<double>(i + 1), 0.15), 0.02);
  }
}

TEST(PositionBias, NeverRisesWithThePlaceHoweverFewTheData) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    PositionBias bias({.least_impressions = 80});
    for (int i = 0; i < 10; ++i) bias.count(slate(random, true), 1, 0);
    const std::vector<double> found = bias.propensities(0);
    if (found.empty()) continue;
    EXPECT_EQ(found.front(), 1);
    for (std::size_t i = 1; i < found.size(); ++i) {
      EXPECT_LE(found[i], found[i - 1]) << "seed " << seed;
      EXPECT_GE(found[i], 0.1);
    }
  }
}

TEST(PositionBias, NothingIsWeighedWhereNothingWasExplored) {
  Random random(1);
  PositionBias bias({});
  for (int i = 0; i < 1000; ++i) bias.count(slate(random, false), 1, 0);
  EXPECT_EQ(bias.explored(), 0u);
  EXPECT_TRUE(bias.propensities(0).empty());
}

TEST(PositionBias, ASurfaceWithoutExplorationOfItsOwnTakesThatOfAll) {
  Random random(2);
  PositionBias bias({});
  for (int i = 0; i < 2000; ++i) bias.count(slate(random, true, 1), 1, 0);
  EXPECT_EQ(bias.propensities(7), bias.propensities(1));
  EXPECT_FALSE(bias.propensities(7).empty());
}

TEST(PositionBias, AClickWeighsTheInverseOfItsPlacesPropensity) {
  Random random(2);
  PositionBias bias({});
  for (int i = 0; i < 5000; ++i) bias.count(slate(random, true), 1, 0);
  TrainingSet set;
  set.surface_names = {"home"};
  set.surfaces = {0};
  set.places = {1, 4, 4, 200};
  set.ranking.heads = {"click"};
  set.ranking.labels = {1, 1, 0, 1};
  set.ranking.weights = {1, 1, 1, 1};
  set.ranking.groups = {0, 4};
  bias.weigh(set, 0);
  const std::vector<double> p = bias.propensities(0);
  EXPECT_EQ(set.ranking.weights,
            (std::vector<float>{1, static_cast<float>(1 / p[3]), 1, static_cast<float>(1 / p.back())}));
}

}  // namespace
}  // namespace winnow
