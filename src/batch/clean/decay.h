// Older evidence counts less: a weight decays by e^(-lambda x days).
#pragma once

#include "batch/clean/weights.h"

namespace winnow {

// However old, evidence keeps this share of its weight: a catalogue of decades is not thrown away for its age
// alone.
inline constexpr double kLeastShare = 0.1;

// Age counts back from the newest evidence. per_day: lambda; 0 leaves all as it is. O(n).
Evidence decay(Evidence evidence, double per_day);

}  // namespace winnow
