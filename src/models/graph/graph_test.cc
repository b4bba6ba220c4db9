#include "models/graph/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "models/testing_scores.h"
#include "models/testing_tastes.h"

namespace winnow {
namespace {

constexpr std::uint32_t kTastes = 3;

Interactions data() { return users_of_tastes(300, 60, kTastes, 8, 1); }

GraphOptions small() { return {.dims = 8, .epochs = 20, .negatives = 30}; }

std::vector<float> unit(std::vector<float> x) {
  double length = 0;
  for (const float value : x) length += static_cast<double>(value) * value;
  for (float& value : x) value /= static_cast<float>(std::sqrt(length));
  return x;
}

// Unit vectors with a zero for the dimension of popularity.
AlignedFloats random_units(std::uint32_t rows, std::uint32_t dims, Random& random) {
  AlignedFloats out;
  for (std::uint32_t r = 0; r < rows; ++r) {
    std::vector<float> row(dims - 1);
    for (float& value : row) value = static_cast<float>(random.normal());
    row = unit(row);
    row.push_back(0);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

// The weighted mean log p(i | x) of a history, as graph.h writes it down.
double likelihood(const AlignedFloats& answers, std::uint32_t dims, double temperature,
                  const std::vector<HistoryEntry>& history, const std::vector<float>& x) {
  const auto score = [&](std::size_t item) {
    double sum = 0;
    for (std::size_t k = 0; k + 1 < dims; ++k) sum += static_cast<double>(x[k]) * answers[item * dims + k];
    return sum / temperature;
  };
  double all = 0;
  for (std::size_t item = 0; item < answers.size() / dims; ++item) all += std::exp(score(item));
  double out = 0;
  double weights = 0;
  for (const HistoryEntry& entry : history) {
    out += entry.weight * (score(entry.item) - std::log(all));
    weights += entry.weight;
  }
  return out / weights;
}

TEST(Graph, AUserIsTheUnitVectorThatExplainsTheHistoryBest) {
  constexpr std::uint32_t kDims = 9;
  constexpr float kTemperature = 0.3f;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const AlignedFloats answers = random_units(40, kDims, random);
    const GraphModel model(kDims, kTemperature, {answers, answers});
    std::vector<HistoryEntry> history;
    for (std::uint32_t n = 0; n < 6; ++n) {
      history.push_back({random.below(40), static_cast<float>(1 + random.below(3))});
    }
    const std::vector<float> user = model.fold_in(history);
    EXPECT_EQ(user.back(), 1);
    const double found = likelihood(answers, kDims, kTemperature, history, user);
    for (int k = 0; k < 200; ++k) {
      std::vector<float> other(user.begin(), user.end() - 1);
      for (float& value : other) value += static_cast<float>(0.3 * random.normal());
      EXPECT_GT(found + 1e-3, likelihood(answers, kDims, kTemperature, history, unit(other)));
    }
  }
}

TEST(Graph, AHistoryThatSaysNothingIsAVectorOfZeros) {
  Random random(1);
  const GraphModel model(4, 0.1f, {random_units(5, 4, random), random_units(5, 4, random)});
  EXPECT_EQ(model.fold_in({}), std::vector<float>(4));
  EXPECT_EQ(model.fold_in(std::vector<HistoryEntry>{{5}}), std::vector<float>(4));
  EXPECT_EQ(model.fold_in(std::vector<HistoryEntry>{{1, 0}}), std::vector<float>(4));
  const std::vector<float> known = model.fold_in(std::vector<HistoryEntry>{{1}});
  EXPECT_EQ(model.fold_in(std::vector<HistoryEntry>{{1}, {77}}), known);
}

TEST(Graph, OlderHistoryCountsLessByItsHalfLife) {
  Random random(2);
  const AlignedFloats answers = random_units(10, 6, random);
  const GraphModel aged(6, 0.2f, {answers, answers}, 1);
  const GraphModel ageless(6, 0.2f, {answers, answers});
  const auto of_ages = aged.fold_in(std::vector<HistoryEntry>{{0, 1, 0}, {1, 1, kDayMs}});
  const auto of_weights = ageless.fold_in(std::vector<HistoryEntry>{{0, 0.5f, 0}, {1, 1, 0}});
  for (std::size_t k = 0; k < of_ages.size(); ++k) EXPECT_NEAR(of_ages[k], of_weights[k], 1e-5) << k;
}

TEST(Graph, FindsOutTastesFromItemsAloneOrFromTheirNeighboursToo) {
  for (const float share : {0.0f, 0.4f, 1.0f}) {
    GraphOptions options = small();
    options.neighbour_share = share;
    const auto model = train_graph(data(), options);
    ASSERT_TRUE(model.ok()) << model.error().message;
    std::vector<float> scores = scores_of(*model, {{0, 1, 0}, {3, 1, 0}});
    int own = 0;
    for (int place = 0; place < 10; ++place) {
      const auto best = std::ranges::max_element(scores);
      own += (best - scores.begin()) % kTastes == 0 ? 1 : 0;
      *best = -1e9f;
    }
    EXPECT_GE(own, 9) << share;
  }
}

TEST(Graph, PopularityMultipliesTheProbabilityOfAnItem) {
  const Interactions some = data();
  GraphOptions options = small();
  options.epochs = 2;
  options.popularity_exponent = 0;
  const auto plain = train_graph(some, options);
  options.popularity_exponent = 0.5f;
  const auto popular = train_graph(some, options);
  ASSERT_TRUE(plain.ok() && popular.ok());
  std::vector<double> degree(some.items);
  for (const std::uint32_t item : some.item) ++degree[item];
  const std::vector<float> before = scores_of(*plain, {{1}, {2}});
  const std::vector<float> after = scores_of(*popular, {{1}, {2}});
  for (std::uint32_t item = 0; item < some.items; ++item) {
    EXPECT_NEAR(after[item] - before[item], options.temperature * 0.5 * std::log(std::max(1.0, degree[item])),
                1e-5);
  }
}

TEST(Graph, ItemsOfAnotherVocabularyKeepTheirScores) {
  const auto model = train_graph(data(), small());
  ASSERT_TRUE(model.ok());
  const GraphModel other = model->with_items(std::vector<std::uint32_t>{7, 1000, 2});
  const std::vector<float> scores = scores_of(*model, {{7}, {2}});
  const std::vector<float> others = scores_of(other, {{0}, {2}});
  EXPECT_FLOAT_EQ(others[0], scores[7]);
  EXPECT_EQ(others[1], 0);
  EXPECT_FLOAT_EQ(others[2], scores[2]);
}

TEST(Graph, ReadsBackWhatItWroteAndRefusesDamage) {
  Random random(3);
  const GraphModel model(3, 0.1f, {random_units(4, 3, random), random_units(2, 3, random)}, 7);
  const std::string bytes = model.encode();
  const auto again = GraphModel::decode(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->encode(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(GraphModel::decode(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(GraphModel::decode(bytes + "x").ok());
}

TEST(Graph, TheSameSeedGivesTheSameBytes) {
  GraphOptions options = small();
  options.epochs = 2;
  const std::string bytes = train_graph(data(), options)->encode();
  EXPECT_EQ(train_graph(data(), options)->encode(), bytes);
  options.seed = 2;
  EXPECT_NE(train_graph(data(), options)->encode(), bytes);
}

TEST(Graph, LearnsWithMoreDimensionsThanItems) {
  const auto model = train_graph(users_of_tastes(40, 9, 3, 3, 2), {.dims = 64, .epochs = 2});
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(all_finite(*model));
}

TEST(Graph, StopsWhenItIsToldToAndKeepsWhatItLearned) {
  std::size_t calls = 0;
  const auto model = train_graph(data(), small(), [&](std::size_t, std::size_t) { return ++calls < 3; });
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(calls, 3u);
}

TEST(Graph, AnOptionOutOfRangeIsNamed) {
  EXPECT_EQ(train_graph(data(), {.dims = 1}).error().field, "graph.dims");
  EXPECT_EQ(train_graph(data(), {.temperature = 0}).error().field, "graph.temperature");
  EXPECT_EQ(train_graph(data(), {.neighbour_share = 1.5f}).error().field, "graph.neighbour_share");
  EXPECT_EQ(train_graph(data(), {.popularity_exponent = -1}).error().field, "graph.popularity_exponent");
  EXPECT_EQ(train_graph({}, {}).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace winnow
