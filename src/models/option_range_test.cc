#include "models/option_range.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace winnow {
namespace {

TEST(OptionRange, HoldsBothEnds) {
  EXPECT_TRUE(in_range("a.b", 1u, 1, 3).ok());
  EXPECT_TRUE(in_range("a.b", 3u, 1, 3).ok());
  EXPECT_TRUE(above_zero("a.b", 2, 2).ok());
}

TEST(OptionRange, AnErrorNamesTheOptionTheValueAndWhatWouldDo) {
  const Status whole = in_range("graph.dims", std::uint32_t{0}, 1, 1024);
  EXPECT_EQ(whole.error().message, "graph.dims is 0; give 1 to 1024");
  EXPECT_EQ(whole.error().field, "graph.dims");
  EXPECT_EQ(in_range("a.b", 2.5f, 0, 1).error().message, "a.b is 2.5; give a number from 0 to 1");
  EXPECT_EQ(above_zero("a.b", 0, 10).error().message, "a.b is 0; give a number above 0, at most 10");
}

TEST(OptionRange, WhatIsNoNumberIsInNoRange) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(in_range("a.b", none, 0, 1).ok());
  EXPECT_FALSE(above_zero("a.b", none, 1).ok());
}

TEST(OptionRange, TheFirstErrorIsTheOneThatIsTold) {
  EXPECT_TRUE(first_error({in_range("a", 1, 0, 2), above_zero("b", 1, 2)}).ok());
  EXPECT_EQ(
      first_error({in_range("a", 1, 0, 2), in_range("b", 9, 0, 2), in_range("c", 9, 0, 2)}).error().field,
      "b");
}

}  // namespace
}  // namespace winnow
