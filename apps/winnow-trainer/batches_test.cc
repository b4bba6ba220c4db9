#include "batches.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

TrainingSequences example() {
  TrainingSequences out;
  out.items = 10;
  out.add_user(std::vector<TowerAction>{{1, 0, 0}, {2, 3, 0}, {3, 0, 0}, {4, 0, 0}}, 1);
  out.add_user(std::vector<TowerAction>{{5, 0, 0}, {6, 0, 0}}, 0);
  out.add_user(std::vector<TowerAction>{{7, 0, 0}}, 0);
  out.add_user(std::vector<TowerAction>{{8, 0, 0}, {9, 0, 0}}, 2);
  return out;
}

TEST(Batches, EveryLearnedPositionPredictsTheItemAfterIt) {
  Random random(1);
  const Batch batch = training_batch(example(), std::vector<std::uint32_t>{0, 1}, 50, random);
  EXPECT_EQ(batch.rows, 2);
  EXPECT_EQ(batch.columns, 2);
  EXPECT_THAT(batch.items, ElementsAre(1, 2, 5, 0));
  EXPECT_THAT(batch.kinds, ElementsAre(0, 3, 0, 0));
  EXPECT_THAT(batch.positions, ElementsAre(0, 1, 2));
  EXPECT_THAT(batch.targets, ElementsAre(2, 3, 6));
}

TEST(Batches, LongSequencesKeepTheirNewestActions) {
  Random random(1);
  const Batch batch = training_batch(example(), std::vector<std::uint32_t>{0}, 1, random);
  EXPECT_THAT(batch.items, ElementsAre(2));
  EXPECT_THAT(batch.targets, ElementsAre(3));
}

TEST(Batches, WithoutOrderAUsersActionsAreShuffledAnewEachTime) {
  TrainingSequences sequences = example();
  sequences.ordered = false;
  Random random(2);
  std::map<std::vector<std::int64_t>, int> seen;
  for (int k = 0; k < 50; ++k) {
    const Batch batch = training_batch(sequences, std::vector<std::uint32_t>{0}, 50, random);
    ++seen[batch.items];
    EXPECT_THAT(std::vector({batch.items[0], batch.items[1], batch.targets[1]}),
                UnorderedElementsAreArray({1, 2, 3}));
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST(Batches, ValidationPredictsTheFirstHeldOutItemFromWhatWasLearned) {
  const Batch batch = validation_batch(example(), std::vector<std::uint32_t>{0}, 2);
  EXPECT_THAT(batch.items, ElementsAre(2, 3));
  EXPECT_THAT(batch.positions, ElementsAre(1));
  EXPECT_THAT(batch.targets, ElementsAre(4));
}

TEST(Batches, OnlyUsersWithSomethingToPredictAreUsed) {
  Random random(3);
  const auto steps = shuffled_steps(example(), 1, 50, random);
  std::vector<std::uint32_t> users;
  for (const auto& step : steps) users.insert(users.end(), step.begin(), step.end());
  EXPECT_THAT(users, UnorderedElementsAreArray({0u, 1u}));
  EXPECT_THAT(validation_users(example(), 10), ElementsAre(0));  // the last one has nothing to predict from
}

TEST(Batches, AnEpochOfMuchDataIsAShareOfIt) {
  TrainingSequences sequences;
  sequences.items = 1;
  const std::vector<TowerAction> actions(2001);
  for (int user = 0; user < 1500; ++user) sequences.add_user(actions, 0);
  Random random(4);
  const auto users = [&](std::uint32_t length) {
    std::size_t count = 0;
    for (const auto& step : shuffled_steps(sequences, 64, length, random)) count += step.size();
    return count;
  };
  EXPECT_EQ(users(2000), kEpochPositions / 2000);
  EXPECT_EQ(users(1000), 1500u);  // of users who are read in part, all fit in
}

}  // namespace
}  // namespace winnow
