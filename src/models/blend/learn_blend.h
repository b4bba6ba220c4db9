// Learns how much each source's opinion should weigh, from users whose next choices are known.
//
// Searches the simplex of weights for the highest mean NDCG@k: a coarse grid, then ever finer steps around
// the best point. Every source alone is a point of the grid. Of points that are not reliably better than the
// best single source (their gain is under one standard error of the paired difference), the search stays
// nearer to that source: a small validation set then cannot talk the blend out of what is known to work.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/blend/blend.h"
#include "models/blend/candidates.h"

namespace winnow {

// One user of the validation cut.
struct BlendExample {
  std::array<std::vector<float>, kBlendSources>
      standardised;                    // n each: opinions on one scale, as blend() weighs them
  std::vector<std::uint8_t> relevant;  // n
  std::uint32_t relevant_total = 0;    // of the test set, proposed or not; > 0
};

// relevant: the user's test set, ascending.
BlendExample blend_example(const BlendCandidates& candidates, std::span<const std::uint32_t> relevant);

struct LearnedBlend {
  BlendWeights weights;
  double ndcg = 0;                                     // at k, of these weights on the examples
  std::array<double, kBlendSources> ndcg_of_source{};  // of each source alone
};

// Deterministic. No examples give the default weights. O(examples * candidates * grid points).
LearnedBlend learn_blend(std::span<const BlendExample> examples, std::size_t k = 10);

}  // namespace winnow
