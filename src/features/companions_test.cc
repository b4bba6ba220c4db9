#include "features/companions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

constexpr ItemIndex item(std::uint32_t index) { return ItemIndex{index}; }

const Companions::Counter* find(const Companions& companions, std::uint32_t index) {
  const auto& counters = companions.numbers().counters;
  const auto found = std::ranges::find(counters, item(index), &Companions::Counter::item);
  return found == counters.end() ? nullptr : &*found;
}

// That many half-lives after 1970.
DecayMoment at(double half_lives) {
  return DecayMoment::at(static_cast<TimestampMs>(1000 * half_lives), 1000);
}

TEST(Companions, CountsAreExactWhileThereAreCountersForAll) {
  Random random(3);
  Companions companions;
  std::vector<float> truth(Companions::kCounters);
  for (int i = 0; i < 2000; ++i) {
    const std::uint32_t which = random.below(Companions::kCounters);
    companions.add(item(which), 1, 0.999);
    truth[which] += 1;
  }
  for (std::uint32_t i = 0; i < Companions::kCounters; ++i) {
    ASSERT_NE(find(companions, i), nullptr);
    EXPECT_EQ(find(companions, i)->count - find(companions, i)->error, truth[i]);
  }
}

// Whatever comes by, what is surely counted is never more than the truth, and the list never grows.
TEST(Companions, NoItemIsSurelyCountedMoreOftenThanItCame) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    Companions companions;
    std::vector<double> truth(500);
    for (int i = 0; i < 3000; ++i) {
      const std::uint32_t which = random.below(random.below(500) + 1);
      const float amount = 1 + static_cast<float>(random.below(3));
      companions.add(item(which), amount, random.uniform());
      truth[which] += amount;
    }
    ASSERT_EQ(companions.numbers().counters.size(), Companions::kCounters);
    for (const Companions::Counter& counter : companions.numbers().counters) {
      ASSERT_LE(counter.count - counter.error, truth[row(counter.item)] * (1 + 1e-5)) << "seed " << seed;
      ASSERT_GE(counter.error, 0) << "seed " << seed;
    }
  }
}

TEST(Companions, WhatComesOftenStaysAmongManyThatComeOnce) {
  Random random(11);
  Companions companions;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    // Ten items come with 2% each, everything else once.
    const std::uint32_t which = random.below(5) == 0 ? random.below(10) : 1000 + i;
    companions.add(item(which), 1, random.uniform());
  }
  for (std::uint32_t i = 0; i < 10; ++i) {
    ASSERT_NE(find(companions, i), nullptr) << i;
    EXPECT_GT(find(companions, i)->count - find(companions, i)->error, 100) << i;
  }
}

TEST(Companions, WhatIsNewIsThereAtOnceAndLeavesWhenOthersCome) {
  Companions companions;
  for (std::uint32_t i = 0; i < Companions::kCounters; ++i) companions.add(item(i), 100, 0.999);
  EXPECT_TRUE(companions.add(item(77), 1, 0.999));
  ASSERT_NE(find(companions, 77), nullptr);
  EXPECT_EQ(find(companions, 77)->count, 1);
  for (std::uint32_t i = 0; i < Companions::kWaiting; ++i) companions.add(item(200 + i), 1, 0.999);
  EXPECT_EQ(find(companions, 77), nullptr);
  EXPECT_NE(find(companions, 0), nullptr);
}

TEST(Companions, OldCountsFadeByHalfInAHalfLife) {
  Companions companions;
  companions.add(item(1), companions.unit_at(at(100)), 0);
  // Two half-lives later, and then many epochs later.
  companions.add(item(2), companions.unit_at(at(102)), 0);
  EXPECT_NEAR(find(companions, 2)->count / find(companions, 1)->count, 4, 1e-4);
  companions.unit_at(at(100 + 3 * DecayMoment::kEpochHalfLives));
  EXPECT_NEAR(find(companions, 2)->count / find(companions, 1)->count, 4, 1e-4);
  EXPECT_LT(find(companions, 2)->count, 1e-6);
}

TEST(Companions, ALateEventCountsWithTheDecayThatItHasByThen) {
  Companions in_order;
  Companions reversed;
  const double times[] = {10, 40, 75.5, 200};
  for (std::uint32_t i = 0; i < 4; ++i) {
    in_order.add(item(i), in_order.unit_at(at(times[i])), 0);
    reversed.add(item(3 - i), reversed.unit_at(at(times[3 - i])), 0);
  }
  for (const std::uint32_t i : {2u, 3u}) {
    EXPECT_NEAR(find(in_order, i)->count, find(reversed, i)->count, 1e-6 * find(in_order, i)->count);
  }
}

TEST(Companions, WhatIsTakenOutIsGoneAndTheRestStays) {
  Companions companions;
  const float unit = companions.unit_at(at(1000.4));
  companions.add_person(unit);
  companions.add(item(1), 0.3f * unit, 0);
  companions.add(item(1), 0.7f * unit, 0);
  companions.add(item(2), 0.3f * unit, 0);
  EXPECT_FALSE(companions.subtract(item(1), 0.3f * unit));
  EXPECT_NEAR(find(companions, 1)->count, 0.7f * unit, 1e-5 * unit);
  EXPECT_TRUE(companions.subtract(item(2), 0.3f * unit));
  EXPECT_EQ(find(companions, 2), nullptr);
  companions.subtract_person(unit);
  EXPECT_EQ(companions.numbers().people, 0);
  EXPECT_FALSE(companions.is_empty());
  EXPECT_TRUE(companions.subtract(item(1), 0.7f * unit));
  EXPECT_TRUE(companions.is_empty());
}

}  // namespace
}  // namespace winnow
