#include "adapters/files/import_marker.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace winnow {

namespace {
constexpr std::int64_t kFormatVersion = 1;
}

std::string ImportMarker::text() const {
  return fmt::format("{} {} {} {} {} {}", kFormatVersion, place.offset, place.line, rows, rejected,
                     done ? 1 : 0);
}

Result<ImportMarker> ImportMarker::parse(std::string_view text) {
  if (text.empty()) return ImportMarker();
  std::array<std::int64_t, 6> numbers{};
  const auto parts = split(text, ' ');
  bool sound = parts.size() == numbers.size();
  for (std::size_t i = 0; sound && i < numbers.size(); ++i) {
    const auto number = parse_int(parts[i]);
    sound = number && *number >= 0;
    if (sound) numbers[i] = *number;
  }
  if (!sound || numbers[0] != kFormatVersion) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("the store's note on an earlier import is \"{}\", which this version cannot read: import "
                    "with --again",
                    excerpt(text))};
  }
  const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(numbers[i]); };
  return ImportMarker{
      .place = {number(1), number(2)}, .rows = number(3), .rejected = number(4), .done = number(5) == 1};
}

}  // namespace winnow
