#include "server/url.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace winnow {
namespace {

std::string decoded(std::string_view text, Plus plus = Plus::literal) {
  std::string out;
  return append_percent_decoded(out, text, plus) ? out : "refused";
}

TEST(Url, SplitsTargetsOfBothForms) {
  EXPECT_EQ(split_target("/a/b?c=d?e")->path, "/a/b");
  EXPECT_EQ(split_target("/a/b?c=d?e")->query, "c=d?e");
  EXPECT_EQ(split_target("http://host:1/a?b")->path, "/a");
  EXPECT_EQ(split_target("http://host")->path, "/");
  EXPECT_EQ(split_target("http://host?x=/")->query, "x=/");
  EXPECT_FALSE(split_target("a/b"));
  EXPECT_FALSE(split_target("*"));
  EXPECT_FALSE(split_target(""));
}

TEST(Url, DecodesEscapesAndRefusesMalformedOnes) {
  EXPECT_EQ(decoded("a%2Fb%20c%e2%82%AC"), "a/b c\u20ac");
  EXPECT_EQ(decoded("a+b"), "a+b");
  EXPECT_EQ(decoded("a+b", Plus::space), "a b");
  for (const char* bad : {"%", "%1", "%g1", "%1g", "%ff", "%c0%80", "%ed%a0%80"})
    EXPECT_EQ(decoded(bad), "refused") << bad;
}

TEST(Url, DecodingUndoesEncodingForAnyText) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    std::string text;
    for (std::uint32_t i = random.below(20); i > 0; --i) {
      text.push_back(static_cast<char>(random.below(128)));
      if (random.below(4) == 0) text += "\u017e\U0001F3AC";
    }
    EXPECT_EQ(decoded(percent_encoded(text)), text) << seed;
    EXPECT_EQ(decoded(percent_encoded(text), Plus::space), text) << seed;
  }
}

}  // namespace
}  // namespace winnow
