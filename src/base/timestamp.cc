#include "base/timestamp.h"

#include <algorithm>
#include <chrono>

namespace winnow {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

}  // namespace

std::optional<TimestampMs> parse_timestamp(std::string_view text) {
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

}  // namespace winnow
