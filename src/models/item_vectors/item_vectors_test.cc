// Item vectors, and the ways to learn them.
#include "models/item_vectors/item_vectors.h"

#include <gmock/gmock.h>

#include <cmath>

#include "models/bpr/bpr.h"
#include "models/graph/propagation.h"
#include "models/graph/spectral.h"
#include "models/graph/testing_graph.h"
#include "models/testing_scores.h"
#include "models/testing_tastes.h"

namespace winnow {
namespace {

constexpr std::uint32_t kTastes = 3;

// Of the ten best items for a user who chose items 0 and 3, how many are of their taste.
double own_taste(const ScoringModel& model) {
  std::vector<float> scores = scores_of(model, {{0, 1, 0}, {3, 1, 0}});
  double own = 0;
  for (int place = 0; place < 10; ++place) {
    const auto best = std::ranges::max_element(scores);
    own += (best - scores.begin()) % kTastes == 0 ? 1 : 0;
    *best = -1e9f;
  }
  return own;
}

Interactions data() { return users_of_tastes(300, 60, kTastes, 8, 1); }

TEST(ItemVectors, AUserIsTheScaledSumOfTheirItems) {
  const ItemVectorsModel model(2, {3, 0, 0, 4, 1, 1}, {1, 0, 0, 1, 1, 1});
  const std::vector<float> user = model.fold_in(std::vector<HistoryEntry>{{0, 1, 0}, {1, 1, 0}, {9, 5, 0}});
  EXPECT_FLOAT_EQ(user[0], 0.6f);
  EXPECT_FLOAT_EQ(user[1], 0.8f);
  EXPECT_EQ(model.fold_in({}), (std::vector<float>{0, 0}));
}

TEST(ItemVectors, OlderHistoryCountsLessByItsHalfLife) {
  const ItemVectorsModel model(2, {1, 0, 0, 1}, {1, 0, 0, 1}, 1);
  const std::vector<float> user = model.fold_in(std::vector<HistoryEntry>{{0, 1, 0}, {1, 1, kDayMs}});
  EXPECT_FLOAT_EQ(user[1], 2 * user[0]);
}

TEST(ItemVectors, ReadBackWhatTheyWroteAndRefuseDamage) {
  const ItemVectorsModel model(2, {3, 0, 0, 4}, {1, 0, 0, 1}, 7);
  const std::string bytes = model.encode();
  const auto again = ItemVectorsModel::decode(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->encode(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ItemVectorsModel::decode(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(ItemVectorsModel::decode(bytes + "x").ok());
}

TEST(Bpr, FindsOutTastes) {
  const auto model = train_bpr(data(), {.dims = 8, .epochs = 40});
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_GE(own_taste(*model), 9);
}

TEST(Bpr, TheSameSeedGivesTheSameBytes) {
  const BprOptions options{.dims = 8, .epochs = 2};
  EXPECT_EQ(train_bpr(data(), options)->encode(), train_bpr(data(), options)->encode());
}

TEST(Bpr, StopsWhenItIsToldToAndKeepsWhatItLearned) {
  std::size_t calls = 0;
  const auto model =
      train_bpr(data(), {.dims = 8, .epochs = 50}, [&](std::size_t, std::size_t) { return ++calls < 3; });
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(calls, 3u);
}

TEST(Bpr, AnOptionOutOfRangeIsNamed) {
  EXPECT_EQ(train_bpr(data(), {.negatives = 0}).error().field, "bpr.negatives");
}

TEST(Propagation, IsTheNormalisedGraphTimesTheVectors) {
  const Interactions some = users_of_tastes(20, 9, 3, 4, 2);
  const std::vector<std::vector<double>> s = written_down(some).s;
  Random random(3);
  std::vector<float> vectors(some.items);
  for (float& value : vectors) value = static_cast<float>(random.normal());
  const AlignedFloats spread = Propagation(some).spread(vectors, 1);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    double expected = 0;
    for (std::size_t j = 0; j < vectors.size(); ++j) expected += s[i][j] * vectors[j];
    EXPECT_NEAR(spread[i], expected, 1e-5) << i;
  }
}

TEST(Spectral, FindsTheEigenvectorsOfTheGraph) {
  const Interactions some = users_of_tastes(80, 24, 3, 6, 4);
  const Propagation graph(some);
  const AlignedFloats vectors = leading_eigenvectors(graph, some.items, 4, 60, 1);
  const AlignedFloats spread = graph.spread(vectors, 4);
  double before = 1e9;
  for (std::size_t k = 0; k < 4; ++k) {
    double value = 0;
    double length = 0;
    for (std::size_t i = 0; i < some.items; ++i) {
      value += static_cast<double>(vectors[i * 4 + k]) * spread[i * 4 + k];
      length += static_cast<double>(vectors[i * 4 + k]) * vectors[i * 4 + k];
    }
    EXPECT_NEAR(length, 1, 1e-3);
    EXPECT_LE(value, before + 1e-4);
    before = value;
    for (std::size_t i = 0; i < some.items; ++i) {
      EXPECT_NEAR(spread[i * 4 + k], value * vectors[i * 4 + k], 2e-3) << k << " " << i;
    }
    if (k == 0) {
      EXPECT_NEAR(value, 1, 1e-3);  // the graph's own: n_i^1/2
    }
  }
}

TEST(Spectral, FindsOutTastesAlsoWithMoreDimensionsThanItems) {
  for (const std::uint32_t dims : {3u, 500u}) {
    const auto model = train_spectral(data(), {.dims = dims});
    ASSERT_TRUE(model.ok()) << model.error().message;
    if (dims == 3) {
      EXPECT_GE(own_taste(*model), 9);
    }
    EXPECT_LE(model->dims(), 60u);
  }
}

}  // namespace
}  // namespace winnow
