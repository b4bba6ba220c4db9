#include "math/score_keys.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/check.h"

namespace winnow {

// Keys are counted by equal steps of their range; only those of the step that holds the k-th are compared.
std::uint64_t kth_biggest(std::span<const std::uint64_t> keys, std::size_t k) {
  WINNOW_CHECK(k >= 1 && k <= keys.size());
  // Some eight keys a step where they lie evenly; more steps would take longer to count than they save.
  constexpr unsigned kMostStepBits = 9;
  const unsigned step_bits =
      std::clamp(static_cast<unsigned>(std::bit_width(keys.size())), 4u, kMostStepBits + 3) - 3;
  const auto [least, most] = std::ranges::minmax(keys);
  const auto bits = static_cast<unsigned>(std::bit_width(most - least));
  const unsigned shift = bits > step_bits ? bits - step_bits : 0;
  const auto step_of = [least = least, shift](std::uint64_t key) { return (key - least) >> shift; };

  std::size_t step = std::size_t{1} << step_bits;
  std::array<std::uint32_t, std::size_t{1} << kMostStepBits> counts;
  std::fill_n(counts.begin(), step, 0u);
  for (const std::uint64_t key : keys) ++counts[step_of(key)];
  std::size_t down_to_it = 0;
  while (down_to_it < k) down_to_it += counts[--step];

  std::vector<std::uint64_t> in_step(counts[step] + 1);
  std::size_t found = 0;
  for (const std::uint64_t key : keys) {
    in_step[found] = key;
    found += step_of(key) == step ? 1 : 0;
  }
  const auto wanted = in_step.begin() + static_cast<std::ptrdiff_t>(k - (down_to_it - found) - 1);
  std::nth_element(in_step.begin(), wanted, in_step.end() - 1, std::greater<>());
  return *wanted;
}

void keep_best(std::vector<ScoredRow>& rows, std::size_t k) {
  if (rows.size() <= k) return;
  if (k > 0) {
    std::vector<std::uint64_t> keys(rows.size());
    std::ranges::transform(rows, keys.begin(),
                           [](const ScoredRow& row) { return score_key(row.score, row.item); });
    const std::uint64_t least = kth_biggest(keys, k);
    std::size_t kept = 0;
    for (std::size_t i = 0; kept < k; ++i) {
      rows[kept] = rows[i];
      kept += keys[i] >= least ? 1 : 0;
    }
  }
  rows.resize(k);
}

}  // namespace winnow
