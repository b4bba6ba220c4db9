#include "adapters/files/field_values.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "base/timestamp.h"

namespace winnow {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

// "01-Jan-1995": the form of ml-100k.
std::optional<TimestampMs> parse_day_month_year(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                               "jul", "aug", "sep", "oct", "nov", "dec"};
  if (text.size() != 11 || text[2] != '-' || text[6] != '-') return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), lower(text.substr(3, 3)));
  if (month == kMonths.end()) return std::nullopt;
  return parse_timestamp(
      fmt::format("{}-{:02}-{}", text.substr(7), month - kMonths.begin() + 1, text.substr(0, 2)));
}

std::optional<TimestampMs> in_milliseconds(double value, TimeUnit unit) {
  const double size = std::abs(value);
  double scale = 1;
  if (unit == TimeUnit::seconds || (unit == TimeUnit::automatic && size < 1e11)) scale = 1000;
  if (unit == TimeUnit::automatic && size >= 1e14) scale = 1e-3;
  const double ms = std::floor(value * scale);
  if (std::abs(ms) > 9e15) return std::nullopt;
  return static_cast<TimestampMs>(ms);
}

}  // namespace

std::optional<TimestampMs> parse_time(std::string_view text, TimeUnit unit) {
  if (const auto whole = parse_int(text)) {
    // Whole seconds and milliseconds, by far the most frequent, stay integers throughout.
    const std::uint64_t size =
        *whole < 0 ? 0 - static_cast<std::uint64_t>(*whole) : static_cast<std::uint64_t>(*whole);
    if (size < 100'000'000'000 && unit != TimeUnit::milliseconds) return *whole * kSecondMs;
    if (size < 100'000'000'000'000 && unit != TimeUnit::seconds) return *whole;
  }
  if (const auto number = parse_double(text)) return in_milliseconds(*number, unit);
  text = trim(text);
  if (const auto iso = parse_timestamp(text)) return iso;
  return parse_day_month_year(text);
}

std::optional<std::vector<std::string>> parse_list(std::string_view text) {
  std::vector<std::string> values;
  text = trim(text);
  if (text.starts_with('[')) {
    simdjson::dom::parser parser;
    simdjson::dom::array array;
    if (parser.parse(text.data(), text.size()).get(array) != simdjson::SUCCESS) return std::nullopt;
    for (const simdjson::dom::element element : array) {
      std::string_view value;
      if (element.get(value) == simdjson::SUCCESS) {
        if (!value.empty()) values.emplace_back(value);
      } else if (element.is_number()) {
        values.push_back(simdjson::minify(element));
      } else {
        return std::nullopt;
      }
    }
    return values;
  }
  const char separator = text.find('|') != std::string_view::npos ? '|' : ';';
  for (const std::string_view part : split(text, separator)) {
    if (!trim(part).empty()) values.emplace_back(trim(part));
  }
  return values;
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(trim(text));
  if (word == "true" || word == "yes" || word == "1") return true;
  if (word == "false" || word == "no" || word == "0") return false;
  return std::nullopt;
}

std::string json_value_of(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return std::string(text);
  // JSON's grammar of numbers is narrower than from_chars': no leading zeros, no bare point.
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool json_number = !digits.empty() && is_digit(digits[0]) && is_digit(digits.back()) &&
                           (digits[0] != '0' || digits.size() == 1 || !is_digit(digits[1])) &&
                           digits.find_first_of("xX") == std::string_view::npos &&
                           digits.find(".e") == std::string_view::npos &&
                           digits.find(".E") == std::string_view::npos;
  if (json_number && parse_double(text)) return std::string(text);
  return json_quoted(text);
}

std::string utf8_or_latin1(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | (byte >> 6)));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return out;
}

std::string age_group_of(double years) {
  struct Bracket {
    double below;
    std::string_view name;
  };
  static constexpr std::array<Bracket, 6> kBrackets = {
      {{18, "Under 18"}, {25, "18-24"}, {35, "25-34"}, {45, "35-44"}, {50, "45-49"}, {56, "50-55"}}};
  for (const Bracket& bracket : kBrackets) {
    if (years < bracket.below) return std::string(bracket.name);
  }
  return "56+";
}

}  // namespace winnow
