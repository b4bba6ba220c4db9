// Times as clients write them: ISO 8601 in the profile of RFC 3339, with the time of day and the zone
// optional.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace winnow {

// "2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.250+01:00". Without a zone it is UTC. Digits
// beyond milliseconds are dropped. Nothing for anything else.
std::optional<TimestampMs> parse_timestamp(std::string_view text);

}  // namespace winnow
