// Times as people and programs write them: ISO 8601, a superset of the profile of RFC 3339.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace winnow {

// "2026-01-31", "2026-01-31T12:00", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00.250+01:00". Without a zone
// it is UTC; the seconds may be missing, the fraction may stand behind a comma, the zone may lack its colon.
// Digits beyond milliseconds are dropped. Nothing for anything else. Years 0000 to 9999.
std::optional<TimestampMs> parse_timestamp(std::string_view text);

}  // namespace winnow
