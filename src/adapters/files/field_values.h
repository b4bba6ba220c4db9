// The values that fields of imported files hold, read from their text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace winnow {

// What a bare number means as a time. `automatic` goes by its size: below 10^11 seconds, below 10^14
// milliseconds, else microseconds. 10^11 s lies in the year 5138 and 10^11 ms in March 1973, so only
// milliseconds of 1970-73 are mistaken.
enum class TimeUnit { automatic, seconds, milliseconds };

// A number, "2024-05-01", "2024-05-01T12:30:00.250Z", "2024-05-01 12:30:00+02:00" or "01-May-2024"; UTC where
// no zone is given. Nothing when it is none of these, or no day of the calendar. Fractions below a
// millisecond are dropped.
std::optional<TimestampMs> parse_time(std::string_view text, TimeUnit unit = TimeUnit::automatic);

// "a|b" or "a;b", trimmed, or a JSON array of strings and numbers, each as it is; without empty entries.
// Nothing for a malformed array.
std::optional<std::vector<std::string>> parse_list(std::string_view text);

// true, false, yes, no, 1, 0 in any case.
std::optional<bool> parse_bool(std::string_view text);

// The text as a JSON value: numbers, true, false and null as they are, everything else in quotes.
std::string json_value_of(std::string_view text);

// Well-formed UTF-8 as it is; anything else is taken for Latin-1 (ISO 8859-1), as old MovieLens files are.
std::string utf8_or_latin1(std::string_view text);

// "Under 18", "18-24", "25-34", "35-44", "45-49", "50-55", "56+": the brackets of MovieLens 1M.
std::string age_group_of(double years);

}  // namespace winnow
