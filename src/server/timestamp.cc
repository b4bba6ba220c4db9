#include "server/timestamp.h"

#include <chrono>

namespace winnow {
namespace {

// Reads fixed-width fields from left to right; after the first mismatch it is failed.
class Scanner final {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  int number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!digit()) return failed_ = true, 0;
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool accept(std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any) { failed_ |= !accept(any); }
  int milliseconds() {
    int value = 0;
    failed_ |= !digit();
    for (int scale = 100; digit(); scale /= 10) value += number(1) * scale;
    return value;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::optional<TimestampMs> parse_timestamp(std::string_view text) {
  Scanner scan(text);
  const int year = scan.number(4);
  scan.expect("-");
  const int month = scan.number(2);
  scan.expect("-");
  const int day = scan.number(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (scan.failed() || !date.ok()) return std::nullopt;
  TimestampMs ms = std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
  if (scan.at_end()) return ms;

  scan.expect("Tt ");
  const int hour = scan.number(2);
  scan.expect(":");
  const int minute = scan.number(2);
  scan.expect(":");
  const int second = scan.number(2);
  const int milli = scan.accept(".") ? scan.milliseconds() : 0;
  ms += hour * kHourMs + minute * kMinuteMs + second * kSecondMs + milli;
  if (!scan.at_end() && !scan.accept("Zz")) {
    const bool east = scan.accept("+");
    if (!east) scan.expect("-");
    const int zone_hour = scan.number(2);
    scan.expect(":");
    const int zone_minute = scan.number(2);
    if (zone_hour > 23 || zone_minute > 59) return std::nullopt;
    ms -= (zone_hour * kHourMs + zone_minute * kMinuteMs) * (east ? 1 : -1);
  }
  // A leap second counts as the first of the next minute, as in POSIX time.
  if (scan.failed() || !scan.at_end() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return ms;
}

}  // namespace winnow
