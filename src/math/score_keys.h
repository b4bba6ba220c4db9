// Scores with what they are scores of, as keys of 64 bits: the bigger key ranks first (ranks_before), and the
// best of many are told apart by counting. To compare them one by one would be branches that nobody can
// foretell, most of what std::nth_element costs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "math/scored_row.h"

namespace winnow {

constexpr std::uint64_t score_key(std::int32_t score, std::uint32_t row) {
  return (std::uint64_t{static_cast<std::uint32_t>(score) ^ 0x80000000u} << 32) | ~row;
}
// score: not NaN.
constexpr std::uint64_t score_key(float score, std::uint32_t row) {
  const auto bits = std::bit_cast<std::int32_t>(score + 0.0f);  // -0 as 0
  return score_key(bits ^ static_cast<std::int32_t>(static_cast<std::uint32_t>(bits >> 31) >> 1), row);
}

constexpr std::int32_t integer_score_of(std::uint64_t key) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(key >> 32) ^ 0x80000000u);
}

constexpr float score_of(std::uint64_t key) {
  const std::int32_t bits = integer_score_of(key);
  return std::bit_cast<float>(bits ^ static_cast<std::int32_t>(static_cast<std::uint32_t>(bits >> 31) >> 1));
}

// The k-th biggest key. 1 <= k <= keys.size(). O(keys).
std::uint64_t kth_biggest(std::span<const std::uint64_t> keys, std::size_t k);

// Keeps the k best rows, in no order; all where there are no more. Scores are not NaN. O(rows).
void keep_best(std::vector<ScoredRow>& rows, std::size_t k);

}  // namespace winnow
