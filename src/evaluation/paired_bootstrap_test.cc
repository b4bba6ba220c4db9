#include "evaluation/paired_bootstrap.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

TEST(PairedBootstrap, ASteadyGainExcludesZeroWhereTheUsersThemselvesDiffer) {
  Random random(4);
  std::vector<double> a(200);
  std::vector<double> b(200);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = random.uniform();
    b[i] = a[i] + 0.01 + 0.02 * (random.uniform() - 0.5);
  }
  const PairedDifference difference = paired_bootstrap(a, b, 1);
  EXPECT_NEAR(difference.mean, 0.01, 0.002);
  EXPECT_GT(difference.low, 0);
  EXPECT_LT(difference.low, difference.mean);
  EXPECT_GT(difference.high, difference.mean);
  EXPECT_EQ(difference.share_better, 1);
}

TEST(PairedBootstrap, NoiseDoesNot) {
  Random random(5);
  std::vector<double> a(200);
  std::vector<double> b(200);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = random.uniform();
    b[i] = random.uniform();
  }
  const PairedDifference difference = paired_bootstrap(a, b, 1);
  EXPECT_LT(difference.low, 0);
  EXPECT_GT(difference.high, 0);
}

TEST(PairedBootstrap, NobodyIsNoDifference) { EXPECT_EQ(paired_bootstrap({}, {}, 1).high, 0); }

}  // namespace
}  // namespace winnow
