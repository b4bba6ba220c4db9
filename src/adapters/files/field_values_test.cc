#include "adapters/files/field_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::ElementsAre;

TEST(FieldValues, TellsTheUnitOfATimeByItsSize) {
  EXPECT_EQ(parse_time("0"), 0);
  EXPECT_EQ(parse_time("964982703"), 964'982'703'000);
  EXPECT_EQ(parse_time("964982703.25"), 964'982'703'250);
  EXPECT_EQ(parse_time("1700000000123"), 1'700'000'000'123);
  EXPECT_EQ(parse_time("1700000000123456"), 1'700'000'000'123);
  EXPECT_EQ(parse_time("1000", TimeUnit::milliseconds), 1000);
  EXPECT_EQ(parse_time("1000", TimeUnit::seconds), 1'000'000);
  EXPECT_EQ(parse_time("-5"), -5000);
  EXPECT_EQ(parse_time("1e999"), std::nullopt);
  EXPECT_EQ(parse_time("9223372036854775807", TimeUnit::milliseconds), std::nullopt);
}

TEST(FieldValues, ReadsDatesOfTheCalendarOnly) {
  EXPECT_EQ(parse_time("1970-01-02"), kDayMs);
  EXPECT_EQ(parse_time("2024-02-29T12:30:15.5Z"), 1'709'209'815'500);
  EXPECT_EQ(parse_time("2024-02-29 14:30:15,500+02:00"), 1'709'209'815'500);
  EXPECT_EQ(parse_time("2024-02-29T09:30:15.5-0300"), 1'709'209'815'500);
  EXPECT_EQ(parse_time("2024-02-29T12:30"), 1'709'209'800'000);
  EXPECT_EQ(parse_time("01-Jan-1995"), 788'918'400'000);
  for (const char* text :
       {"2023-02-29", "2024-13-01", "2024-02-29T24:00", "2024-02-29T12", "2024-02-29T12:30:15.",
        "2024-02-29T12:30Zx", "32-Jan-1995", "01-Foo-1995", "soon", "", "2024/02/29", "nan"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(FieldValues, SplitsLists) {
  EXPECT_THAT(*parse_list("a|b; c"), ElementsAre("a", "b; c"));
  EXPECT_THAT(*parse_list(" a ;; b"), ElementsAre("a", "b"));
  EXPECT_THAT(*parse_list("[\"a|b\", \" c\", 3, \"\"]"), ElementsAre("a|b", " c", "3"));
  EXPECT_TRUE(parse_list("")->empty());
  EXPECT_FALSE(parse_list("[1,"));
  EXPECT_FALSE(parse_list("[{}]"));
}

TEST(FieldValues, MakesJsonOfText) {
  for (const char* number : {"0", "-1", "1.5", "1e5", "0.25", "-0.5E-3"})
    EXPECT_EQ(json_value_of(number), number);
  for (const char* text : {"007", "1.", ".5", "1.e5", "+1", "0x10", "inf", "nan", "-", "1e999", "a\"b"}) {
    EXPECT_EQ(json_value_of(text).front(), '"') << text;
  }
  EXPECT_EQ(json_value_of("true"), "true");
}

TEST(FieldValues, TakesForLatin1WhatIsNotUtf8) {
  EXPECT_EQ(utf8_or_latin1("Caf\xE9"), "Caf\xC3\xA9");
  EXPECT_EQ(utf8_or_latin1("Caf\xC3\xA9"), "Caf\xC3\xA9");
}

}  // namespace
}  // namespace winnow
