#include "adapters/files/json_grammar.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>

#include "base/random.h"
#include "base/text.h"

namespace winnow {
namespace {

TEST(JsonGrammar, TakesJsonAndNothingElse) {
  for (const char* text :
       {"0", "-0.5e+10", "123456789012345678901234567890", "1e999", "\"\"", "\"\\u00e9\\n\"", "true",
        " null ", "[]", "{}", "[[],{}, 1]", "{\"a\":{\"b\":[1,2]},\"c\":\"d\"}", "[\r\n\t]"}) {
    EXPECT_EQ(json_error_at(text), std::nullopt) << text;
  }
  for (const char* text : {"",    " ",    "01",      "1.",          ".5",       "+1",         "1e",
                           "-",   "\"",   "\"\\x\"", "\"\\u12g4\"", "\"\t\"",   "tru",        "nul",
                           "[",   "[1,]", "[,]",     "{\"a\"}",     "{\"a\":}", "{\"a\":1,}", "{1:2}",
                           "[1}", "{]",   "1 2",     "[] x",        "'a'",      "NaN",        "Infinity"}) {
    EXPECT_NE(json_error_at(text), std::nullopt) << text;
  }
  EXPECT_EQ(json_error_at("{\"a\":x}"), 5u);
  EXPECT_TRUE(is_json_object(" {}"));
  EXPECT_FALSE(is_json_object("[]"));
}

TEST(JsonGrammar, LimitsNesting) {
  EXPECT_EQ(json_error_at(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']')), std::nullopt);
  EXPECT_NE(json_error_at(std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']')),
            std::nullopt);
  EXPECT_NE(json_error_at(std::string(1'000'000, '[')), std::nullopt);
}

// simdjson is the oracle.
TEST(JsonGrammar, AgreesWithSimdjsonOnRandomTexts) {
  static constexpr std::string_view kPieces[] = {
      "{",         "}",     "[",      "]",       ",",    ":",  "\"a\"", "\"\\n\"", "1",
      "-2.5",      "1e3",   "true",   "false",   "null", " ",  "\"",    "0",       "x",
      "{\"a\":1}", "[1,2]", "\"b\":", "{\"c\":", "],",   "},", "e",     ".5",      "\\"};
  simdjson::dom::parser parser;
  int sound = 0;
  for (std::uint64_t seed = 1; seed <= 200'000; ++seed) {
    Random random(seed);
    std::string text;
    for (std::uint32_t n = 1 + random.below(7); n > 0; --n) text += kPieces[random.below(std::size(kPieces))];
    simdjson::dom::element element;
    const auto error = parser.parse(text).get(element);
    // simdjson reads numbers and refuses those that no double holds.
    if (error == simdjson::NUMBER_ERROR && text.find('e') != std::string::npos) continue;
    const bool expected = error == simdjson::SUCCESS;
    sound += expected;
    ASSERT_EQ(!json_error_at(text), expected) << "seed " << seed << ": " << text;
  }
  EXPECT_GT(sound, 1000);
}

}  // namespace
}  // namespace winnow
