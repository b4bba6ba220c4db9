// Older evidence counts less: a weight decays by e^(-lambda x days).
#pragma once

#include "batch/clean/weights.h"

namespace winnow {

// Evidence older than about nine lifetimes keeps this share of its weight: a pair never vanishes by age
// alone.
inline constexpr double kLeastShare = 1e-4;

// Age counts back from the newest evidence. per_day: lambda; 0 leaves all as it is. O(n).
Evidence decay(Evidence evidence, double per_day);

}  // namespace winnow
