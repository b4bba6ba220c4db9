#include "probes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace winnow {
namespace {

TrainingSequences two_groups() {
  TrainingSequences out;
  out.items = 100;
  out.profiles.buckets = 10;
  for (std::uint32_t user = 0; user < 20; ++user) {
    std::vector<TowerAction> actions;
    for (std::uint32_t k = 0; k < 10; ++k) actions.push_back({user % 2 * 50 + k, 1, k * kDayMs});
    out.add_user(actions, 0);
    out.profiles.add(std::vector<std::uint32_t>{user % 10});
  }
  return out;
}

TEST(InventedUsers, MixTheActionsOfAll) {
  const TrainingSequences sequences = two_groups();
  const TrainingSequences invented = invented_users(sequences, 8, 20, 1);
  ASSERT_EQ(invented.users(), 8u);
  std::size_t mixed = 0;
  for (std::uint32_t user = 0; user < 8; ++user) {
    const auto actions = invented.actions_of(user);
    ASSERT_FALSE(actions.empty());
    EXPECT_LE(actions.size(), 20u);
    std::set<bool> groups;
    for (const TowerAction& action : actions) groups.insert(action.item >= 50);
    mixed += groups.size() == 2 ? 1 : 0;
    EXPECT_TRUE(std::ranges::is_sorted(actions, {}, &TowerAction::time_ms));
    EXPECT_FALSE(invented.profiles[user].empty());
  }
  EXPECT_GE(mixed, 5u);
  EXPECT_EQ(invented.encode(), invented_users(sequences, 8, 20, 1).encode());
}

TEST(InventedUsers, NothingIsMadeOfNothing) {
  EXPECT_EQ(invented_users(TrainingSequences{}, 8, 20, 1).users(), 0u);
}

}  // namespace
}  // namespace winnow
