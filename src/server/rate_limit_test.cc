#include "server/rate_limit.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(RateLimit, LetsThroughOneSecondsWorthAtOnceAndThenTheRate) {
  RateLimit limit(4);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(limit.refuse("a", 10.0));
  EXPECT_EQ(limit.refuse("a", 10.0), 1);
  EXPECT_FALSE(limit.refuse("b", 10.0));
  EXPECT_FALSE(limit.refuse("a", 10.25));
  EXPECT_TRUE(limit.refuse("a", 10.25));
}

TEST(RateLimit, SaysHowLongToWaitForARateBelowOne) {
  RateLimit limit(0.1);
  EXPECT_FALSE(limit.refuse("a", 5));
  EXPECT_EQ(limit.refuse("a", 5), 10);
  EXPECT_EQ(limit.refuse("a", 13), 2);
}

TEST(RateLimit, OfZeroIsNone) {
  RateLimit limit(0);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(limit.refuse("a", 1));
}

TEST(RateLimit, ForgetsCallersRatherThanGrowWithoutBound) {
  RateLimit limit(1);
  for (int i = 0; i < 50'000; ++i) EXPECT_FALSE(limit.refuse(std::to_string(i), 1));
}

}  // namespace
}  // namespace winnow
