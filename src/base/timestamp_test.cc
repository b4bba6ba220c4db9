#include "base/timestamp.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(Timestamp, ReadsDatesTimesFractionsAndZones) {
  EXPECT_EQ(parse_timestamp("1970-01-01"), 0);
  EXPECT_EQ(parse_timestamp("2023-11-14T22:13:20Z"), 1'700'000'000'000);
  EXPECT_EQ(parse_timestamp("2023-11-14 22:13:20"), 1'700'000'000'000);
  EXPECT_EQ(parse_timestamp("2023-11-14T23:13:20.2509+01:00"), 1'700'000'000'250);
  EXPECT_EQ(parse_timestamp("2023-11-14T20:43:20-01:30"), 1'700'000'000'000);
  EXPECT_EQ(parse_timestamp("2023-11-14T22:13"), 1'699'999'980'000);
  EXPECT_EQ(parse_timestamp("2023-11-14T22:13:20,5+0000"), 1'700'000'000'500);
  EXPECT_EQ(parse_timestamp("1969-12-31T23:59:59Z"), -1000);
  EXPECT_EQ(parse_timestamp("2016-12-31T23:59:60Z"), parse_timestamp("2017-01-01T00:00:00Z"));
}

TEST(Timestamp, RefusesEverythingElse) {
  for (const char* text :
       {"", "yesterday", "2023", "2023-1-1", "2023-02-29", "2023-13-01", "2023-11-14T",
        "2023-11-14T25:00:00Z", "2023-11-14T22", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+1:00",
        "2023-11-14T22:13:20Zx", "1700000000000", "2023-11-14T22:60:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

}  // namespace
}  // namespace winnow
