// Older evidence counts less, by decayed_share of domain/feedback.h.
#pragma once

#include "batch/clean/weights.h"

namespace winnow {

// Age counts back from the newest evidence. per_day: lambda; 0 leaves all as it is. O(n).
Evidence decay(Evidence evidence, double per_day);

}  // namespace winnow
