#include "adapters/files/field_values.h"

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/text.h"

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

// Reads a date and time from the front of a text, step by step; failed() once a step did not fit.
class TimeScanner final {
 public:
  explicit TimeScanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    if (rest_.size() < digits ||
        !std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(digits), is_digit)) {
      failed_ = true;
      return 0;
    }
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = 10 * value + (rest_[i] - '0');
    rest_.remove_prefix(digits);
    return value;
  }
  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { failed_ |= !accept(c); }
  int month_name() {
    static constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                                 "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto found = std::find(kMonths.begin(), kMonths.end(), lower(rest_.substr(0, 3)));
    if (found == kMonths.end()) {
      failed_ = true;
      return 0;
    }
    rest_.remove_prefix(3);
    return static_cast<int>(found - kMonths.begin()) + 1;
  }
  // The digits behind a decimal point, as milliseconds.
  int fraction_ms() {
    int value = 0;
    int scale = 100;
    failed_ |= rest_.empty() || !is_digit(rest_.front());
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1), scale /= 10) {
      value += scale * (rest_.front() - '0');
    }
    return value;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::optional<TimestampMs> day_ms(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
}

std::optional<TimestampMs> parse_day_month_year(std::string_view text) {
  TimeScanner scan(text);
  const int day = scan.number(2);
  scan.expect('-');
  const int month = scan.month_name();
  scan.expect('-');
  const int year = scan.number(4);
  if (scan.failed() || !scan.at_end()) return std::nullopt;
  return day_ms(year, month, day);
}

std::optional<TimestampMs> parse_iso_8601(std::string_view text) {
  TimeScanner scan(text);
  const int year = scan.number(4);
  scan.expect('-');
  const int month = scan.number(2);
  scan.expect('-');
  const int day = scan.number(2);
  if (scan.failed()) return std::nullopt;
  const auto date = day_ms(year, month, day);
  if (!date || scan.at_end()) return date;

  if (!scan.accept('T') && !scan.accept('t')) scan.expect(' ');
  const int hour = scan.number(2);
  scan.expect(':');
  const int minute = scan.number(2);
  const int second = scan.accept(':') ? scan.number(2) : 0;
  const int milli = scan.accept('.') || scan.accept(',') ? scan.fraction_ms() : 0;
  TimestampMs zone_ms = 0;
  if (!scan.accept('Z') && !scan.accept('z') && !scan.at_end()) {
    const bool east = scan.accept('+');
    if (!east) scan.expect('-');
    const int zone_hour = scan.number(2);
    const bool colon = scan.accept(':');
    const int zone_minute = colon || !scan.at_end() ? scan.number(2) : 0;
    if (zone_hour > 23 || zone_minute > 59) return std::nullopt;
    zone_ms = (zone_hour * kHourMs + zone_minute * kMinuteMs) * (east ? 1 : -1);
  }
  // Second 60 is a leap second, which is the next minute's first one here as in POSIX time.
  if (scan.failed() || !scan.at_end() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return *date + hour * kHourMs + minute * kMinuteMs + second * kSecondMs + milli - zone_ms;
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
  if (const auto iso = parse_iso_8601(text)) return iso;
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
