// Learns how much each source's opinion should weigh, from users whose next choices are known.
//
// Searches the simplex of weights: a coarse grid, then ever finer steps around the best point. A point is
// worth its mean gain in NDCG@k over the best single source, less one standard error of that paired
// difference; every source alone is a point of the grid. So the blend leaves the best source only for a gain
// that can be relied on, and with fewer than kMinExamples users, among whom a search of many points finds
// noise, it does not leave it at all.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/blend/blend.h"
#include "models/blend/candidates.h"

namespace winnow {

// One user of the validation cut.
struct BlendExample {
  std::vector<std::vector<float>> standardised;  // by source, n each: on one scale, as blend() weighs them
  std::vector<std::uint8_t> relevant;            // n
  std::uint32_t relevant_total = 0;              // of the test set, proposed or not; > 0
};

// relevant: the user's test set, ascending.
BlendExample blend_example(const BlendCandidates& candidates, std::span<const std::uint32_t> relevant);

inline constexpr std::size_t kMinExamples = 50;

struct LearnedBlend {
  std::vector<float> weights;          // by source, >= 0, together 1
  double ndcg = 0;                     // at k, of these weights on the examples
  std::vector<double> ndcg_of_source;  // of each source alone
};

// Deterministic. examples: not empty, all of the same sources. O(examples * candidates * points).
LearnedBlend learn_blend(std::span<const BlendExample> examples, std::size_t k = 10);

}  // namespace winnow
