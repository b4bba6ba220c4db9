#include "base/text.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/random.h"

namespace winnow {
namespace {

TEST(IsUtf8, AcceptsWellFormedText) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("Amélie \xE2\x82\xAC \xF0\x9F\x8E\xAC"));
  EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
}

TEST(IsUtf8, RefusesOverlongSurrogateTruncatedAndTooLargeForms) {
  for (const char* bad :
       {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\x80", "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(CheckId, NamesTheFieldAndTheLimit) {
  EXPECT_TRUE(check_id(std::string(kMaxIdBytes, 'x'), "item_id").ok());
  const Status status = check_id(std::string(kMaxIdBytes + 1, 'x'), "item_id");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().field, "item_id");
  EXPECT_NE(status.error().message.find("256"), std::string::npos);
  EXPECT_FALSE(check_id("", "item_id").ok());
  EXPECT_FALSE(check_id("a\nb", "item_id").ok());
  EXPECT_FALSE(check_id("\xFF", "item_id").ok());
}

TEST(Nearest, FindsTypingSlipsAndLeavesStrangersAlone) {
  const std::vector<std::string> known = {"purchase", "click", "impression"};
  EXPECT_EQ(nearest("purchsae", known), "purchase");
  EXPECT_EQ(nearest("clik", known), "click");
  EXPECT_EQ(nearest("zzzzzzzz", known), std::nullopt);
}

TEST(Excerpt, IsAlwaysPrintableAndCutAtACharacter) {
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt("\xC3\xA9\xC3\xA9\xC3\xA9", 3), "\xC3\xA9...");
  Random random(4);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (std::uint32_t n = random.below(100); n > 0; --n)
      bytes.push_back(static_cast<char>(random.below(256)));
    EXPECT_TRUE(is_utf8(excerpt(bytes, 20)));
  }
}

TEST(ParseNumbers, TakeTheWholeTextOrNothing) {
  EXPECT_EQ(parse_double("2.5"), 2.5);
  EXPECT_EQ(parse_double("2.5x"), std::nullopt);
  EXPECT_EQ(parse_double("inf"), std::nullopt);
  EXPECT_EQ(parse_double(""), std::nullopt);
  EXPECT_EQ(parse_int("-7"), -7);
  EXPECT_EQ(parse_int("7.0"), std::nullopt);
  EXPECT_EQ(parse_int("99999999999999999999"), std::nullopt);
}

TEST(JsonQuoted, EscapesWhatJsonDemands) {
  EXPECT_EQ(json_quoted("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  EXPECT_EQ(json_quoted("Amélie"), "\"Amélie\"");
}

TEST(HumanNumbers, AreReadable) {
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(12), "12");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(12), "12 B");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a||b", '|'), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
}

}  // namespace
}  // namespace winnow
