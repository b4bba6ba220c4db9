#include "models/ease/ease.h"

#include <gmock/gmock.h>

#include <Eigen/Dense>
#include <cmath>

#include "base/random.h"

namespace winnow {
namespace {

using testing::HasSubstr;

// Every user takes to some items of a few clusters; weights from 1 to 3.
Interactions clusters(std::uint32_t users, std::uint32_t items, std::uint64_t seed) {
  Random random(seed);
  Interactions out;
  out.users = users;
  out.items = items;
  for (std::uint32_t user = 0; user < users; ++user) {
    for (std::uint32_t item = 0; item < items; ++item) {
      if (random.below(item % 4 == user % 4 ? 3 : 12) != 0) continue;
      out.item.push_back(item);
      out.weight.push_back(static_cast<float>(1 + random.below(3)));
      out.time_ms.push_back(0);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

// B as the paper writes it, in double precision.
Eigen::MatrixXd weights_by_definition(const Interactions& data, double lambda) {
  double mean = 0;
  for (const float weight : data.weight) mean += weight / static_cast<double>(data.size());
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(data.users, data.items);
  for (std::uint32_t user = 0; user < data.users; ++user) {
    for (std::uint64_t at = data.offsets[user]; at < data.offsets[user + 1]; ++at) {
      x(user, data.item[at]) = std::sqrt(data.weight[at] / mean);
    }
  }
  const Eigen::MatrixXd gram = x.transpose() * x + lambda * Eigen::MatrixXd::Identity(data.items, data.items);
  const Eigen::MatrixXd inverse = gram.inverse();
  Eigen::MatrixXd out = inverse;
  for (Eigen::Index j = 0; j < out.cols(); ++j) out.col(j) = -inverse.col(j) / inverse(j, j);
  out.diagonal().setZero();
  return out;
}

double weight_of(const ItemToItemModel& model, std::uint32_t from, std::uint32_t to) {
  for (const ScoredRow& row : model.neighbours(from)) {
    if (row.item == to) return row.score;
  }
  return 0;
}

TEST(Ease, HasTheWeightsOfItsDefinition) {
  const Interactions data = clusters(60, 30, 1);
  const auto model = train_ease(data, {.regularization = 5});
  ASSERT_TRUE(model.ok()) << model.error().message;
  const Eigen::MatrixXd expected = weights_by_definition(data, 5);
  for (std::uint32_t i = 0; i < data.items; ++i) {
    for (std::uint32_t j = 0; j < data.items; ++j) EXPECT_NEAR(weight_of(*model, i, j), expected(i, j), 1e-4);
  }
}

// Regressing an item on all others is the same as the inverse: with a neighbourhood that holds all of them,
// both ways agree.
TEST(Ease, NeighbourhoodsThatHoldEverythingGiveTheExactWeights) {
  const Interactions data = clusters(2000, 30, 2);  // every two items are together somewhere
  const auto exact = train_ease(data, {.regularization = 8, .popularity_exponent = 0.3f});
  const auto near = train_ease(
      data, {.regularization = 8, .popularity_exponent = 0.3f, .max_exact_items = 0, .neighbourhood = 30});
  ASSERT_TRUE(exact.ok() && near.ok());
  for (std::uint32_t i = 0; i < data.items; ++i) {
    for (std::uint32_t j = 0; j < data.items; ++j) {
      EXPECT_NEAR(weight_of(*exact, i, j), weight_of(*near, i, j), 1e-4) << i << " " << j;
    }
  }
}

TEST(Ease, EveryItemKeepsItsHeaviestWeights) {
  const Interactions data = clusters(60, 30, 3);
  const auto all = train_ease(data, {.regularization = 5});
  const auto few = train_ease(data, {.regularization = 5, .neighbours = 4});
  ASSERT_TRUE(all.ok() && few.ok());
  for (std::uint32_t to = 0; to < data.items; ++to) {
    int kept = 0;
    double least = 1e9;
    double most_left_out = 0;
    for (std::uint32_t from = 0; from < data.items; ++from) {
      const double weight = weight_of(*few, from, to);
      if (weight != 0) {
        ++kept;
        least = std::min(least, std::abs(weight));
      } else {
        most_left_out = std::max(most_left_out, std::abs(weight_of(*all, from, to)));
      }
    }
    EXPECT_LE(kept, 4);
    EXPECT_GE(least, most_left_out);
  }
}

TEST(Ease, AnOptionOutOfRangeIsNamed) {
  const auto model = train_ease(clusters(5, 5, 4), {.regularization = 0});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().field, "ease.regularization");
  EXPECT_THAT(train_ease({}, {}).error().message, HasSubstr("nothing to learn from"));
}

}  // namespace
}  // namespace winnow
