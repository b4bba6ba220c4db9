#include "online/respond/compose.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace winnow {
namespace {

// Entries in ranked order; source 0 proposes all, source 1 those whose bit is set.
Ranked make_ranked(const std::vector<bool>& by_second) {
  Ranked ranked;
  ranked.sorted = ranked.opinions.stride = by_second.size();
  ranked.opinions.values.assign(2 * by_second.size(), 0.0f);
  for (std::size_t i = 0; i < by_second.size(); ++i) {
    ranked.entries.push_back({ItemIndex{static_cast<std::uint32_t>(i)}, -static_cast<float>(i),
                              by_second[i] ? SourceMask{3} : SourceMask{1}, static_cast<std::uint32_t>(i)});
    ranked.opinions.at(1, i) = by_second[i] ? static_cast<float>(i) : 0.0f;
  }
  return ranked;
}

TEST(Compose, WithoutReservationsTheBestRankedComeInOrder) {
  const auto placements = compose(make_ranked(std::vector<bool>(10, false)), 4, {});
  ASSERT_EQ(placements.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(placements[i].entry, i);
}

TEST(Compose, AReservationBringsItsSourcesBestBehindTheFirstThird) {
  std::vector<bool> by_second(100, false);
  by_second[80] = by_second[90] = true;
  const auto placements = compose(make_ranked(by_second), 20, {{1, 0.05}});
  std::size_t reserved = 0;
  for (std::size_t position = 0; position < placements.size(); ++position) {
    if (placements[position].reserved_for != 1) continue;
    ++reserved;
    EXPECT_GE(position, 20u / 3);
    EXPECT_EQ(placements[position].entry, 90u);
  }
  EXPECT_EQ(reserved, 1u);
}

TEST(Compose, NeverRepeatsAnEntryAndFillsThePageWhenItCan) {
  Random random(17);
  for (int round = 0; round < 500; ++round) {
    std::vector<bool> by_second;
    for (std::uint32_t n = random.below(60); n > 0; --n) by_second.push_back(random.below(4) == 0);
    const std::size_t count = 1 + random.below(40);
    const auto placements = compose(make_ranked(by_second), count, {{1, random.uniform() / 2}, {0, 0.1}});
    EXPECT_EQ(placements.size(), std::min(count, by_second.size()));
    std::set<std::size_t> entries;
    for (const Placement& placement : placements) EXPECT_TRUE(entries.insert(placement.entry).second);
  }
}

}  // namespace
}  // namespace winnow
