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
// The bits of a float as an integer of the same order, and back: below 0, all but the sign turn round.
constexpr std::int32_t turned_below_zero(std::int32_t bits) { return bits < 0 ? bits ^ 0x7FFFFFFF : bits; }
// score: not NaN.
constexpr std::uint64_t score_key(float score, std::uint32_t row) {
  return score_key(turned_below_zero(std::bit_cast<std::int32_t>(score + 0.0f)), row);  // -0 as 0
}

// The score of a key of an integer, and of a float.
constexpr std::int32_t integer_score_of(std::uint64_t key) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(key >> 32) ^ 0x80000000u);
}
constexpr float score_of(std::uint64_t key) {
  return std::bit_cast<float>(turned_below_zero(integer_score_of(key)));
}

// The k-th biggest key. 1 <= k <= keys.size(). O(keys).
std::uint64_t kth_biggest(std::span<const std::uint64_t> keys, std::size_t k);

// Keeps the k best rows, in no order; all where there are no more. Scores are not NaN. O(rows).
void keep_best(std::vector<ScoredRow>& rows, std::size_t k);

}  // namespace winnow
