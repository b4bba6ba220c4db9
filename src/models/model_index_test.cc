#include "models/model_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "index/tune.h"
#include "models/als/als.h"

namespace winnow {
namespace {

constexpr std::uint32_t kItems = 3000;

AlsModel random_model(Random& random) {
  const AlsOptions options{.dims = 16};
  std::vector<float> factors(std::size_t{kItems} * options.dims);
  for (float& factor : factors) factor = static_cast<float>(random.normal());
  return AlsModel(kItems, options, std::move(factors));
}

Interactions random_history(Random& random, std::uint32_t users) {
  Interactions out;
  out.items = kItems;
  out.users = users;
  for (std::uint32_t user = 0; user < users; ++user) {
    for (std::uint32_t item = random.below(100); item < kItems; item += 1 + random.below(600)) {
      out.item.push_back(item);
      out.weight.push_back(1);
      out.time_ms.push_back(0);
    }
    out.offsets.push_back(out.item.size());
  }
  return out;
}

TEST(ModelIndex, ASmallCatalogueHasNone) {
  Random random(1);
  const AlsModel model = random_model(random);
  EXPECT_EQ(build_model_index(model, random_history(random, 50), {.from_items = kItems + 1}).value(),
            nullptr);
}

TEST(ModelIndex, IsTunedOnUsersAndFindsWhatAnExactSearchFinds) {
  Random random(2);
  const AlsModel model = random_model(random);
  const Interactions history = random_history(random, 200);
  const auto index =
      build_model_index(model, history, {.from_items = 1, .limit = 50, .target_recall = 0.9f}).value();
  ASSERT_NE(index, nullptr);
  const Tuning& tuning = index->profile().tuning;
  EXPECT_EQ(tuning.limit, 50u);
  EXPECT_GE(tuning.recall, 0.85f);  // measured on other queries than it was tuned on
  EXPECT_TRUE(check_health(*index).ok());
}

// Nine of ten items so short that they are nobody's answer.
TEST(ModelIndex, LeavesOutItemsThatAreNoAnswersAndStatesItsRecallAmongAll) {
  Random random(4);
  const AlsModel all_alike = random_model(random);
  std::vector<float> factors(all_alike.item_vectors().begin(), all_alike.item_vectors().end());
  for (std::size_t i = 0; i < factors.size(); ++i)
    factors[i] *= i / all_alike.dims() % 10 == 0 ? 1.0f : 0.01f;
  const AlsModel model(kItems, {.dims = all_alike.dims()}, factors);
  const auto index = build_model_index(model, random_history(random, 200),
                                       {.from_items = 1, .limit = 20, .target_recall = 0.9f})
                         .value();
  EXPECT_LE(index->info().items, kItems / 10);
  EXPECT_GE(index->info().items, kItems / 20);
  EXPECT_GE(index->profile().tuning.recall, 0.85f);

  const auto exact = build_index(model.item_vectors(), model.dims(), {.kind = IndexKind::flat}).value();
  double found = 0;
  for (std::uint32_t item = 1; item <= 100; ++item) {
    const auto query = all_alike.item_vector(item);
    for (const ScoredRow& hit : index->search(query, {.limit = 20})) {
      for (const ScoredRow& known : exact->search(query, {.limit = 20})) found += hit.item == known.item;
    }
  }
  EXPECT_GE(found / (100 * 20), 0.8);
}

TEST(ModelIndex, IsTunedOnItemsWhereNobodyIsKnown) {
  Random random(3);
  const AlsModel model = random_model(random);
  const auto index =
      build_model_index(model, random_history(random, 0), {.from_items = 1, .limit = 20}).value();
  ASSERT_NE(index, nullptr);
  EXPECT_GT(index->profile().tuning.queries, 0u);
}

}  // namespace
}  // namespace winnow
