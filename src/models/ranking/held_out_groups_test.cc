#include "models/ranking/held_out_groups.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(HeldOutGroups, FoldsHoldEveryGroupOutOnce) {
  std::vector<std::uint32_t> all;
  for (const auto& part : held_out_parts(31, {.folds = 3}, 1))
    all.insert(all.end(), part.begin(), part.end());
  std::ranges::sort(all);
  EXPECT_EQ(all, groups_without(31, {}));
}

TEST(HeldOutGroups, OneFoldHoldsAShareOutAndTheSeedDecidesWhich) {
  const auto parts = held_out_parts(5000, {}, 1);
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_THAT(parts[0], SizeIs(500));
  EXPECT_EQ(held_out_parts(5000, {}, 1), parts);
  EXPECT_NE(held_out_parts(5000, {}, 2), parts);
}

TEST(HeldOutGroups, SmallSetsHaveFoldsAndTinyOnesNone) {
  EXPECT_THAT(held_out_parts(100, {}, 1), SizeIs(3));
  EXPECT_THAT(held_out_parts(9, {.folds = 1}, 1), IsEmpty());
  EXPECT_THAT(held_out_parts(15, {.folds = 8}, 1), IsEmpty());
  EXPECT_THAT(held_out_parts(100, {.share = 0}, 1), IsEmpty());
}

TEST(HeldOutGroups, TheOthersAreAscending) {
  EXPECT_THAT(groups_without(5, std::vector<std::uint32_t>{3, 0}), ElementsAre(1, 2, 4));
}

}  // namespace
}  // namespace winnow
