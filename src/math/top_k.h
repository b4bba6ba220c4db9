// The k best of many scores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "math/scored_row.h"

namespace winnow {

// A score that is never selected. Masking an item is writing this in its place.
inline constexpr float kMasked = -3.4028234663852886e38f;

// The k highest scores with their positions, best first, ties by the lower position. Scores are finite; those
// equal to kMasked are left out, so fewer than k may come back. One SIMD pass over the scores plus O(k log
// k).
std::vector<ScoredRow> top_k(std::span<const float> scores, std::size_t k);

// The same rows in no order: what a step that merges or sorts again later needs.
std::vector<ScoredRow> select_top_k(std::span<const float> scores, std::size_t k);

namespace reference {
std::vector<ScoredRow> top_k(std::span<const float> scores, std::size_t k);
}  // namespace reference

}  // namespace winnow
