#include "math/score_keys.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "base/check.h"

namespace winnow {

namespace {

// Which of `keys` are in the same step of their range as the k-th biggest: writes them to `in_step`, which
// may begin where the keys do, and lowers k by the number of those in higher steps.
std::size_t narrow(std::span<const std::uint64_t> keys, std::size_t& k, std::uint64_t* in_step) {
  // Some eight keys a step where they lie evenly; to count more steps would take longer than it saves.
  constexpr unsigned kMostStepBits = 9;
  const unsigned step_bits =
      std::clamp(static_cast<unsigned>(std::bit_width(keys.size())), 4u, kMostStepBits + 3) - 3;
  std::uint64_t least = keys.front();
  std::uint64_t most = keys.front();
  for (const std::uint64_t key : keys) {
    least = std::min(least, key);
    most = std::max(most, key);
  }
  const auto bits = static_cast<unsigned>(std::bit_width(most - least));
  const unsigned shift = bits > step_bits ? bits - step_bits : 0;

  std::array<std::uint32_t, std::size_t{1} << kMostStepBits> counts;
  std::size_t step = std::size_t{1} << step_bits;
  std::fill_n(counts.begin(), step, 0u);
  for (const std::uint64_t key : keys) ++counts[(key - least) >> shift];
  std::size_t down_to_it = 0;
  while (down_to_it < k) down_to_it += counts[--step];
  k -= down_to_it - counts[step];

  std::size_t found = 0;
  for (const std::uint64_t key : keys) {
    in_step[found] = key;
    found += (key - least) >> shift == step ? 1 : 0;
  }
  return found;
}

}  // namespace

// Keys of floats lie as their logarithms do, so a step may hold many of them: then it is divided again.
std::uint64_t kth_biggest(std::span<const std::uint64_t> keys, std::size_t k) {
  WINNOW_CHECK(k >= 1 && k <= keys.size());
  constexpr std::size_t kFew = 24;
  const std::unique_ptr<std::uint64_t[]> room(new std::uint64_t[keys.size()]);  // not zeroed
  std::size_t before = keys.size();
  std::span<std::uint64_t> left(room.get(), narrow(keys, k, room.get()));
  while (left.size() > kFew && left.size() < before) {  // else all are the same
    before = left.size();
    left = left.first(narrow(left, k, left.data()));
  }
  const auto wanted = left.begin() + static_cast<std::ptrdiff_t>(k - 1);
  std::nth_element(left.begin(), wanted, left.end(), std::greater<>());
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
