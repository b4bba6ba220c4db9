#include "batch/impressions/popular_sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace winnow {
namespace {

std::vector<double> shares_of(const PopularSampler& sampler, std::size_t items, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> shares(items);
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) shares[row(*sampler.draw(random))] += 1.0 / kDraws;
  return shares;
}

TEST(PopularSampler, DrawsByTheDecayedNumberToThePower) {
  Random random(9);
  PopularSampler sampler(10);
  constexpr std::size_t kItems = 37;
  std::vector<double> counts(kItems);
  const TimestampMs end_ms = 100 * kDayMs;
  for (TimestampMs time_ms = 0; time_ms <= end_ms; time_ms += kHourMs) {
    const std::uint32_t item = random.below(1 + random.below(kItems));
    sampler.count(ItemIndex{item}, time_ms);
    counts[item] += std::exp2(-static_cast<double>(end_ms - time_ms) / (10.0 * kDayMs));
  }
  double total = 0;
  for (double& count : counts) total += count = std::pow(count, 0.75);
  const std::vector<double> shares = shares_of(sampler, kItems, 5);
  for (std::size_t i = 0; i < kItems; ++i) EXPECT_NEAR(shares[i], counts[i] / total, 0.004) << i;
}

TEST(PopularSampler, HasNothingToDrawBeforeTheFirstEvent) {
  PopularSampler sampler(30);
  Random random(1);
  EXPECT_FALSE(sampler.draw(random));
  sampler.count(ItemIndex{1000}, 5);
  EXPECT_EQ(sampler.draw(random), ItemIndex{1000});
}

}  // namespace
}  // namespace winnow
