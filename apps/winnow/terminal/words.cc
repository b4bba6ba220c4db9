// How numbers, times and other people's text are shown. Declared in terminal.h.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>

#include "base/clock.h"
#include "base/text.h"
#include "winnow/terminal/terminal.h"

namespace winnow {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The first character of a non-empty text; a byte that is no UTF-8 stands for itself.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes > text.size() || !is_utf8(text.substr(0, bytes))) return {U'\uFFFD', 1};
  char32_t code = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  return {code, bytes};
}

struct CodeRange {
  char32_t first, last;
};

// The blocks that matter for names and titles; not all of Unicode's tables.
constexpr std::array kWide = {
    CodeRange{0x1100, 0x115F},   CodeRange{0x2E80, 0xA4CF},   CodeRange{0xAC00, 0xD7A3},
    CodeRange{0xF900, 0xFAFF},   CodeRange{0xFE30, 0xFE6F},   CodeRange{0xFF00, 0xFF60},
    CodeRange{0xFFE0, 0xFFE6},   CodeRange{0x1F300, 0x1F64F}, CodeRange{0x1F680, 0x1F6FF},
    CodeRange{0x1F900, 0x1FAFF}, CodeRange{0x20000, 0x3FFFD}};
constexpr std::array kCombining = {CodeRange{0x0300, 0x036F}, CodeRange{0x0483, 0x0489},
                                   CodeRange{0x0591, 0x05BD}, CodeRange{0x064B, 0x065F},
                                   CodeRange{0x1AB0, 0x1AFF}, CodeRange{0x1DC0, 0x1DFF},
                                   CodeRange{0x200B, 0x200F}, CodeRange{0x20D0, 0x20FF},
                                   CodeRange{0xFE00, 0xFE0F}, CodeRange{0xFE20, 0xFE2F}};

template <class Ranges>
bool lies_in(const Ranges& ranges, char32_t code) {
  for (const CodeRange& range : ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

std::size_t columns_of(char32_t code) {
  if (lies_in(kCombining, code)) return 0;
  return lies_in(kWide, code) ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character c = first_character(text);
    const bool control = c.code < 0x20 || (c.code >= 0x7F && c.code < 0xA0);
    // Marks that turn the direction of writing could disguise what follows.
    const bool direction = (c.code >= 0x202A && c.code <= 0x202E) || (c.code >= 0x2066 && c.code <= 0x2069);
    if (c.code == U'\uFFFD' && c.bytes == 1) {
      out += '?';
    } else if (control || direction) {
      out += ' ';
    } else {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character c = first_character(text);
    width += columns_of(c.code);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::string out;
  std::size_t width = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const Character c = first_character(rest);
    if (width + columns_of(c.code) > columns - 1) break;
    width += columns_of(c.code);
    out += rest.substr(0, c.bytes);
    rest.remove_prefix(c.bytes);
  }
  return out + "…";
}

std::string human_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 0.001) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86'400) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86'400, whole % 86'400 / 3600);
}

std::optional<double> duration_seconds(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const std::optional<double> number = parse_double(text.substr(0, text.size() - 1));
  const double unit = text.back() == 's'   ? 1
                      : text.back() == 'm' ? 60
                      : text.back() == 'h' ? 3600
                      : text.back() == 'd' ? 86'400
                                           : 0;
  if (!number || !(*number * unit > 0)) return std::nullopt;
  return *number * unit;
}

std::string human_count(double count) {
  if (!std::isfinite(count)) return "?";
  if (count < 10 && count != std::floor(count)) return fmt::format("{:.1f}", count);
  if (count < 10'000) return fmt::format("{:.0f}", count);
  if (count < 999'500) return fmt::format("{:.0f}k", count / 1e3);
  if (count < 999.5e6) return fmt::format("{:.1f}M", count / 1e6);
  return fmt::format("{:.1f}G", count / 1e9);
}

std::string human_time(std::int64_t time_ms) {
  constexpr TimestampMs kLatest = 253'402'300'799'000;  // the end of the year 9999
  if (time_ms <= 0 || time_ms > kLatest) return "never";
  const std::time_t seconds = time_ms / kSecondMs;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", utc);
}

}  // namespace winnow
