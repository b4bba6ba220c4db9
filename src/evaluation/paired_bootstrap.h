// Whether one list is better than another for the same users, and by how much.
#pragma once

#include <cstdint>
#include <span>

namespace winnow {

struct PairedDifference {
  double mean = 0;  // of b - a
  double low = 0;   // 95% percentile interval over resamples of the users (Efron 1979)
  double high = 0;
  double share_better = 0;  // of the resamples whose mean is above 0
};

// a, b: of the same users, in the same order. Deterministic with the seed. O(users x resamples).
PairedDifference paired_bootstrap(std::span<const double> a, std::span<const double> b, std::uint64_t seed,
                                  int resamples = 2000);

}  // namespace winnow
