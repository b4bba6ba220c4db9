// One very busy day of one user must not outvote everybody else's weeks.
#pragma once

#include <cstdint>

#include "batch/clean/weights.h"

namespace winnow {

struct Capped {
  Evidence evidence;
  std::uint64_t removed = 0;
};

// Of each user and UTC day at most `per_day` events stay: the negative ones first, because they are rare and
// say the most, then by falling weight, then the newest. 0 keeps all. evidence: by user and time. O(n log n
// of a day).
Capped cap_days(Evidence evidence, std::uint32_t per_day);

}  // namespace winnow
