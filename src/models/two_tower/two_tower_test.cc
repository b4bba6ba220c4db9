#include "models/two_tower/two_tower.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "math/vector_kernels.h"
#include "models/two_tower/sequences.h"
#include "models/two_tower/testing_two_tower.h"

namespace winnow {
namespace {

using testing::Each;
using testing::ElementsAreArray;
using testing::HasSubstr;

const TwoTowerShape kShape{.items = 40,
                           .dims = 64,
                           .layers = 2,
                           .heads = 2,
                           .inner = 96,
                           .length = 12,
                           .item_buckets = 10,
                           .profile_buckets = 5,
                           .token_scale = 2};

double relative_distance(const std::vector<float>& a, const std::vector<float>& b) {
  double off = 0;
  double length = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    off += std::pow(static_cast<double>(a[i]) - b[i], 2);
    length += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(off / length);
}

TEST(TwoTower, RunsTheUserTowerAsItsDefinitionSays) {
  for (const std::uint32_t layers : {1u, 2u, 3u}) {
    for (const std::uint32_t heads : {1u, 4u}) {
      TwoTowerShape shape = kShape;
      shape.layers = layers;
      shape.heads = heads;
      const TwoTowerModel model(random_two_tower(shape, layers));
      Random random(heads);
      for (std::size_t count = 1; count <= 15; ++count) {
        const auto actions = random_actions(shape, count, random);
        const std::vector<std::uint32_t> profile = {random.below(5), random.below(5)};
        const auto fast = model.user_vector(actions, profile);
        EXPECT_LT(relative_distance(fast, reference::user_vector(model.weights(), actions, profile)), 1e-5);
      }
    }
  }
}

TEST(TwoTower, RoundingOfWeightsStaysWithinTheBound) {
  const TwoTowerWeights exact = random_two_tower(kShape, 3);
  const TwoTowerModel rounded(exact);
  Random random(3);
  for (int k = 0; k < 50; ++k) {
    const auto actions = random_actions(kShape, 12, random);
    const double error =
        relative_distance(rounded.user_vector(actions), reference::user_vector(exact, actions));
    EXPECT_LT(error, TwoTowerModel::kLargestProbeError);
    EXPECT_GT(error, 0);
  }
}

TEST(TwoTower, ReadsTheNewestActionsOfItemsThatItKnows) {
  const TwoTowerModel model(random_two_tower(kShape, 4));
  Random random(4);
  const auto newest = random_actions(kShape, 12, random);
  std::vector<TowerAction> longer = {{7, 1, 5}, {8, 1, 6}};
  longer.insert(longer.end(), newest.begin(), newest.end());
  longer.insert(longer.begin() + 5, {kShape.items, 1, newest[2].time_ms});
  EXPECT_EQ(model.user_vector(longer), model.user_vector(newest));
}

TEST(TwoTower, MovesToAnotherVocabularyWithTheItemsThatStay) {
  const TwoTowerModel model(random_two_tower(kShape, 4));
  // Item 0 goes, the others move down by one, and a new one comes last.
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 1; row < kShape.items; ++row) rows.push_back(row);
  rows.push_back(kShape.items);
  const TwoTowerModel moved = model.with_items(rows, {});
  EXPECT_EQ(moved.items(), kShape.items);
  EXPECT_EQ(moved.user_vector(std::vector<TowerAction>{{4, 1, 5}, {2, 1, 6}}),
            model.user_vector(std::vector<TowerAction>{{5, 1, 5}, {3, 1, 6}}));
  EXPECT_THAT(moved.item_vector(kShape.items - 1), Each(0.0f));
  EXPECT_LT(moved.worst_probe_error(), TwoTowerModel::kLargestProbeError);
  EXPECT_LE(moved.weights().probes.size(), model.weights().probes.size());
  // Nothing is known of the new one, so it is passed over.
  EXPECT_EQ(moved.user_vector(std::vector<TowerAction>{{4, 1, 5}, {kShape.items - 1, 1, 6}}),
            moved.user_vector(std::vector<TowerAction>{{4, 1, 5}}));
}

TEST(TwoTower, GivesItemsThatAreNewToItTheVectorOfTheirFeatures) {
  const TwoTowerModel model(random_two_tower(kShape, 4));
  const std::vector<std::uint32_t> rows = {2, kShape.items};
  FeatureBags features;
  features.buckets = kShape.item_buckets;
  features.add(std::vector<std::uint32_t>{1});
  features.add(std::vector<std::uint32_t>{3, 5});
  const TwoTowerModel moved = model.with_items(rows, features);
  EXPECT_THAT(moved.item_vector(0), ElementsAreArray(model.item_vector(2)));
  EXPECT_THAT(moved.item_vector(1), ElementsAreArray(model.vector_of_features(features[1])));
  ++features.buckets;  // other features than those that it was trained with
  EXPECT_THAT(model.with_items(rows, features).item_vector(1), Each(0.0f));
}

TEST(TwoTower, KnowsNothingOfAnEmptyHistory) {
  const TwoTowerModel model(random_two_tower(kShape, 5));
  EXPECT_THAT(model.user_vector({}), Each(0.0f));
  std::vector<float> scores(kShape.items, 1.0f);
  const std::vector<std::span<const HistoryEntry>> nobody(1);
  model.score_all(nobody, scores);
  EXPECT_THAT(scores, Each(0.0f));
}

TEST(TwoTower, OrderAndKindAndTimeOfActionsMatter) {
  const TwoTowerModel model(random_two_tower(kShape, 6));
  const std::vector<TowerAction> actions = {{1, 1, kDayMs}, {2, 1, 2 * kDayMs}, {3, 1, 3 * kDayMs}};
  const auto user = model.user_vector(actions);
  EXPECT_NE(model.user_vector(std::vector<TowerAction>{actions[1], actions[0], actions[2]}), user);
  auto other = actions;
  other[1].kind = 5;
  EXPECT_NE(model.user_vector(other), user);
  other = actions;
  other[2].time_ms += 100 * kDayMs;
  EXPECT_NE(model.user_vector(other), user);
}

TEST(TwoTower, ScoresABlockOfHistoriesLikeEachAlone) {
  const TwoTowerModel model(random_two_tower(kShape, 7));
  const std::vector<HistoryEntry> first = {{2, 1, 300}, {5, 1, 100}, {9, 1, 200}};  // in order of row
  const std::vector<HistoryEntry> second = {{30, 1, 1}};
  const std::vector<std::span<const HistoryEntry>> block = {first, second};
  std::vector<float> scores(2 * kShape.items);
  model.score_all(block, scores);
  const auto user = model.user_vector(std::vector<TowerAction>{{5, 0, 100}, {9, 0, 200}, {2, 0, 300}});
  const auto other = model.user_vector(std::vector<TowerAction>{{30, 0, 1}});
  for (std::uint32_t item = 0; item < kShape.items; ++item) {
    EXPECT_NEAR(scores[item], dot(user, model.item_vector(item)), 1e-4);
    EXPECT_NEAR(scores[kShape.items + item], dot(other, model.item_vector(item)), 1e-4);
  }
}

TEST(TwoTower, GivesNewItemsAVectorFromTheirFeatures) {
  const TwoTowerModel model(random_two_tower(kShape, 8));
  const std::vector<std::uint32_t> features = {3, 7};
  const TwoTowerWeights& w = model.weights();
  std::vector<float> expected = w.feature_narrow_bias;
  for (std::size_t j = 0; j < 64; ++j) {
    float wide = w.feature_widen_bias[j];
    for (std::size_t i = 0; i < 64; ++i) {
      wide += (w.feature_embeddings[3 * 64 + i] + w.feature_embeddings[7 * 64 + i]) / 2 *
              w.feature_widen[i * 64 + j];
    }
    for (std::size_t o = 0; o < 64; ++o) expected[o] += std::max(wide, 0.0f) * w.feature_narrow[j * 64 + o];
  }
  const auto vector = model.vector_of_features(features);
  for (std::size_t o = 0; o < 64; ++o) EXPECT_NEAR(vector[o], expected[o], 1e-4);
  EXPECT_THAT(model.vector_of_features({}), Each(0.0f));
}

TEST(TwoTower, ReadsBackWhatItWrote) {
  TwoTowerWeights weights = random_two_tower(kShape, 9);
  Random random(9);
  const auto actions = random_actions(kShape, 9, random);
  weights.probes.push_back(
      {actions, {1, 2}, reference::user_vector(weights, actions, std::vector<std::uint32_t>{1, 2})});
  const TwoTowerModel model(std::move(weights));
  const auto again = TwoTowerModel::decode(model.encode());
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->encode(), model.encode());
  EXPECT_EQ(again->user_vector(actions), model.user_vector(actions));
  EXPECT_GT(again->worst_probe_error(), 0);
}

TEST(TwoTower, RefusesAModelThatMissesItsOwnProbes) {
  TwoTowerWeights weights = random_two_tower(kShape, 10);
  weights.probes.push_back({{{1, 1, 1}}, {}, std::vector<float>(64, 1.0f)});
  const auto read = TwoTowerModel::decode(TwoTowerModel(std::move(weights)).encode());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  EXPECT_THAT(read.error().message, HasSubstr("probes"));
}

TEST(TwoTower, RefusesDamagedBytes) {
  TwoTowerShape small = kShape;
  small.layers = 1;
  const std::string bytes = TwoTowerModel(random_two_tower(small, 11)).encode();
  for (std::size_t size = 0; size < bytes.size(); size += 997) {
    EXPECT_FALSE(TwoTowerModel::decode(std::string_view(bytes).substr(0, size)).ok());
  }
  for (std::size_t at = 0; at < bytes.size(); at += 991) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_FALSE(TwoTowerModel::decode(damaged).ok()) << at;
  }
}

// With a checksum that fits, so that the checks behind it are met.
TEST(TwoTower, RefusesSealedNonsenseWithoutReadingPastItsEnd) {
  TwoTowerShape small = kShape;
  small.layers = 1;
  const std::string bytes = TwoTowerModel(random_two_tower(small, 12)).encode();
  const auto sealed_again = [](std::string body) {
    const std::uint64_t sum = hash64(body);
    return body.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  };
  for (std::size_t size = 8; size + 8 < bytes.size(); size += 1009) {
    EXPECT_FALSE(TwoTowerModel::decode(sealed_again(bytes.substr(0, size))).ok()) << size;
  }
  std::string other_version = bytes.substr(0, bytes.size() - 8);
  other_version[4] = 9;
  EXPECT_EQ(TwoTowerModel::decode(sealed_again(other_version)).error().code, ErrorCode::unsupported);
}

TEST(TwoTowerShape, NamesTheFieldThatIsOutOfRange) {
  const auto field = [](auto change) {
    TwoTowerShape shape = kShape;
    change(shape);
    const Status status = shape.check();
    return status.ok() ? std::string() : status.error().field;
  };
  EXPECT_EQ(field([](TwoTowerShape&) {}), "");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.dims = 48; }), "two_tower.dims");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.heads = 8; }), "two_tower.dims");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.heads = 0; }), "two_tower.heads");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.layers = 9; }), "two_tower.layers");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.inner = 33; }), "two_tower.inner");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.length = 0; }), "two_tower.length");
  EXPECT_EQ(field([](TwoTowerShape& s) { s.items = 0; }), "two_tower.items");
}

}  // namespace
}  // namespace winnow
