// Which groups of a ranking set are held out, to find how long to learn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

struct HoldOut {
  // 1 holds out `share` of the groups; more share all groups among as many runs, each of which holds out a
  // part, for sets that are small; 0: three below 2000 groups, else one. [0, 20]
  std::uint32_t folds = 0;
  double share = 0.1;  // [0, 0.5]; 0: nothing is held out
};

// The groups that each run holds out, in random order; none where there are fewer than ten groups, or fewer
// than two a fold. O(groups).
std::vector<std::vector<std::uint32_t>> held_out_parts(std::size_t groups, const HoldOut& options,
                                                       std::uint64_t seed);

// 0 to groups - 1 without those, ascending.
std::vector<std::uint32_t> groups_without(std::size_t groups, std::span<const std::uint32_t> held_out);

}  // namespace winnow
