// Reading, refusing and writing JSON.
#include <gmock/gmock.h>
#include <simdjson.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "server/api_schemas.h"
#include "server/json_fault.h"
#include "server/json_parser.h"
#include "server/json_reader.h"
#include "server/json_writer.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;

// A text that is nearly JSON: built at random, then damaged at random.
std::string random_json(Random& random, int depth) {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return "null";
    case 1:
      return random.below(2) == 0 ? "true" : "false";
    case 2:
      return std::to_string(static_cast<std::int64_t>(random.next()));
    case 3:
      return std::to_string(random.normal() * 1000) + (random.below(3) == 0 ? "e-3" : "");
    case 4:
      return "\"a\\u00e9\\n\\\"\u00e9\U0001F3AC\\ud83c\\udfac\"";
    case 5:
      return "\"\"";
    default: {
      const bool object = random.below(2) == 0;
      std::string out = object ? "{" : "[";
      for (std::uint32_t i = random.below(4), first = 1; i > 0; --i, first = 0) {
        if (!first) out += random.below(2) == 0 ? "," : " ,\n";
        if (object) out += "\"k" + std::to_string(random.below(3)) + "\":";
        out += random_json(random, depth - 1);
      }
      return out + (object ? "}" : "]");
    }
  }
}

// simdjson's answer is the fast one; find_json_fault must agree with it on every text.
TEST(JsonFault, AgreesWithSimdjsonOnWhatIsJson) {
  constexpr std::string_view kAlphabet = "{}[]\",:\\u0123456789eE+-.tfn \n\x01\xc3\xa9\xff";
  simdjson::dom::parser parser;
  ASSERT_EQ(parser.allocate(4096, kMaxJsonDepth), simdjson::SUCCESS);
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 30'000; ++seed) {
    Random random(seed);
    std::string text = random_json(random, 4);
    for (std::uint32_t edits = random.below(4); edits > 0 && !text.empty(); --edits) {
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(text.size()));
      const char byte = kAlphabet[random.below(static_cast<std::uint32_t>(kAlphabet.size()))];
      switch (random.below(3)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const bool fast = parser.parse(text).error() == simdjson::SUCCESS;
    const auto fault = find_json_fault(text, kMaxJsonDepth);
    ASSERT_EQ(fast, !fault.has_value()) << "seed " << seed << ": " << text << "\n"
                                        << (fault ? fault->message : "");
    refused += fast ? 0 : 1;
  }
  EXPECT_GT(refused, 5'000);
}

TEST(JsonFault, NamesThePlaceAndTheReason) {
  const std::tuple<const char*, std::size_t, const char*> cases[] = {
      {"", 0, "empty"},
      {"{\"a\":1,}", 7, "expected '\"'"},
      {"[1 2]", 3, "expected ',' or ']'"},
      {"{\"a\" 1}", 5, "expected ':'"},
      {"[1]x", 3, "expected the end"},
      {"[01]", 2, "expected the end of a number"},
      {"\"a\nb\"", 2, "control character"},
      {"\"\\q\"", 2, "unknown escape"},
      {"\"\\ud800\"", 7, "surrogate"},
      {"[\"a\xff\"]", 2, "not UTF-8"},
      {"nul", 0, "expected a value"},
  };
  for (const auto& [text, offset, message] : cases) {
    const auto fault = find_json_fault(text, kMaxJsonDepth);
    ASSERT_TRUE(fault) << text;
    EXPECT_EQ(fault->offset, offset) << text;
    EXPECT_THAT(fault->message, HasSubstr(message)) << text;
  }
}

TEST(JsonFault, NamesTheFieldOfANumberThatIsTooLarge) {
  for (const char* number :
       {"1e400", "-1e400", "18446744073709551616", "-9223372036854775809", "1234567890e300"}) {
    const auto fault =
        find_json_fault(std::string(R"({"events":[{},{"value":)") + number + "}]}", kMaxJsonDepth);
    ASSERT_TRUE(fault) << number;
    EXPECT_EQ(fault->kind, JsonFault::Kind::number_range);
    EXPECT_EQ(fault->path, "events[1].value");
  }
  EXPECT_FALSE(find_json_fault("[1e-400, 0.0000001e-310, 18446744073709551615]", kMaxJsonDepth));
}

TEST(JsonParser, ReadsWholeNumbersBeyond64BitsAsFloatingPoint) {
  JsonParser parser;
  std::string text =
      R"({"a":123456789012345678901234567890,"b":"9\\\"99999999999999999999","c":-99999999999999999999})";
  const auto root = parser.parse(text);
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(as_number((*root)["a"].value()), 123456789012345678901234567890.0);
  EXPECT_EQ(as_text((*root)["b"].value()), "9\\\"99999999999999999999");
  EXPECT_EQ(as_number((*root)["c"].value()), -99999999999999999999.0);
  std::string too_large = "[" + std::string(400, '9') + "]";
  EXPECT_EQ(parser.parse(too_large).error().field, "[0]");
  EXPECT_FALSE(parser.malformed());
}

TEST(JsonParser, LimitsDepth) {
  JsonParser parser;
  std::string deepest = std::string(kMaxJsonDepth - 1, '[') + std::string(kMaxJsonDepth - 1, ']');
  EXPECT_TRUE(parser.parse(deepest).ok());
  std::string deeper = std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']');
  EXPECT_FALSE(parser.parse(deeper).ok());
  EXPECT_TRUE(parser.malformed());
}

TEST(JsonReader, ReadsEveryFieldOfAnEvent) {
  std::string text = R"({"event_id":"e","user_id":"u","item_id":"i","action":"watch","value":12.5,
      "timestamp":"1970-01-02","session_id":"s","recommendation_id":"r","context":{"b":[1,{"c":null}]}})";
  JsonParser parser;
  const auto root = parser.parse(text);
  ASSERT_TRUE(root.ok());
  ASSERT_TRUE(check_json(schema::event(), *root, JsonPath()).ok());
  const Event expected{.event_id = "e",
                       .user_id = "u",
                       .item_id = "i",
                       .action = Action::watch,
                       .value = 12.5,
                       .time_ms = kDayMs,
                       .session_id = "s",
                       .recommendation_id = "r",
                       .context = R"({"b":[1,{"c":null}]})"};
  EXPECT_EQ(read_event(*root, 5), expected);
}

TEST(JsonReader, TakesNullForAbsentAndWholeNumbersHoweverWritten) {
  std::string text = R"({"user_id":"u","count":2.0,"exclude":null,"surface":null,"session_events":[]})";
  JsonParser parser;
  const auto root = parser.parse(text);
  ASSERT_TRUE(root.ok());
  ASSERT_TRUE(check_json(schema::recommend_body(), *root, JsonPath()).ok());
  const auto query = read_query(*root, 1, 1);
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->count, 2u);
  EXPECT_EQ(query->surface, "home");
}

TEST(JsonReader, ChecksSessionEventsAsThisVisitors) {
  std::string text =
      R"({"session_events":[{"item_id":"i","action":"view"},{"item_id":"i","action":"view","timestamp":9e12}]})";
  JsonParser parser;
  const auto root = parser.parse(text);
  ASSERT_TRUE(root.ok());
  const auto query = read_query(*root, 1, 1);
  ASSERT_FALSE(query.ok());
  EXPECT_EQ(query.error().field, "session_events[1].timestamp");
}

TEST(JsonWriter, WritesWhatAParserReadsBack) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("text", "quote \" backslash \\ line \n bell \x07 \u00e9");
  json.field("whole", std::numeric_limits<std::int64_t>::min());
  json.field("third", 1.0 / 3);
  json.field("nan", std::nan(""));
  json.field("yes", true);
  json.text_or_null("none", "");
  json.key("list");
  json.begin_array();
  json.value(1);
  json.begin_object();
  json.end_object();
  json.begin_array();
  json.end_array();
  json.end_array();
  json.quoted_key("a \"key\"");
  json.value(HUGE_VAL);
  json.end_object();
  EXPECT_EQ(
      out,
      R"json({"text":"quote \" backslash \\ line \n bell \u0007 é","whole":-9223372036854775808,)json"
      R"json("third":0.3333333333333333,"nan":null,"yes":true,"none":null,"list":[1,{},[]],"a \"key\"":null})json");
  EXPECT_FALSE(find_json_fault(out, kMaxJsonDepth));
}

}  // namespace
}  // namespace winnow
