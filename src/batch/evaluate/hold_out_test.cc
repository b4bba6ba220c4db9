#include "batch/evaluate/hold_out.h"

#include <gmock/gmock.h>

#include <set>

namespace winnow {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(HoldOut, MovesAShareOfEveryUsersItemsAndLosesNone) {
  std::vector<WeightedPair> pairs;
  for (std::uint32_t user = 0; user < 20; ++user) {
    for (std::uint32_t item = 0; item <= user; ++item) pairs.push_back({user, item, 1, 0});
  }
  EvaluationSplit split;
  split.train = interactions_of(pairs, 20, 20);
  const EvaluationSplit held = hold_out(split, 0.2, 7);
  EXPECT_EQ(held.train.size() + held.test.values.size(), pairs.size());
  EXPECT_THAT(held.test[0], IsEmpty());  // of a single item nothing can be held out
  EXPECT_THAT(held.test[1], SizeIs(1));
  EXPECT_THAT(held.test[19], SizeIs(4));
  EXPECT_EQ(hold_out(split, 0.2, 7).test.values, held.test.values);
}

TEST(HoldOut, OfEveryOtherUserTakesItemsThatAreAlike) {
  // Two tastes without a common user, but for the user who is looked at: six items of each.
  constexpr std::uint32_t kUsers = 41;
  std::vector<WeightedPair> pairs;
  for (std::uint32_t user = 0; user < kUsers; ++user) {
    for (std::uint32_t item = 0; item < 12; ++item) {
      if (user % 4 == 1 || item % 2 == (user / 2) % 2) pairs.push_back({user, item, 1, 0});
    }
  }
  // Users 1, 5, 9, ... have both tastes; the others hold them apart.
  EvaluationSplit split;
  split.train = interactions_of(pairs, kUsers, 12);
  const EvaluationSplit held = hold_out(split, 0.3, 3);
  for (std::uint32_t user = 1; user < kUsers; user += 4) {
    ASSERT_THAT(held.test[user], SizeIs(3));
    std::set<std::uint32_t> tastes;
    for (const std::uint32_t item : held.test[user]) tastes.insert(item % 2);
    EXPECT_THAT(tastes, SizeIs(1)) << user;
  }
}

}  // namespace
}  // namespace winnow
