// What a teacher thinks of histories: for each, the items it would add, and how much each of them counts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "models/interactions.h"
#include "models/scoring_model.h"

namespace winnow {

inline constexpr std::uint32_t kHalves = 7;

// Histories of `data`, `most` at most: each user's whole one, drawn at random where users are more. Where
// that is less than half of `most`, random halves of them fill it up, no more than kHalves of a user with two
// items and more. Users without items are left out. Without times and actions.
Interactions histories_of(const Interactions& data, std::uint32_t most, Random& random);

// The lists of all histories, one behind the other.
struct TaughtLists {
  std::vector<std::uint64_t> offsets{0};  // histories + 1; list h is [offsets[h], offsets[h + 1])
  std::vector<std::uint32_t> item;        // the best first
  std::vector<float> share;               // sums to 1 over a list

  std::span<const std::uint32_t> items_of(std::uint32_t history) const {
    return std::span(item).subspan(offsets[history], offsets[history + 1] - offsets[history]);
  }
  std::span<const float> shares_of(std::uint32_t history) const {
    return std::span(share).subspan(offsets[history], offsets[history + 1] - offsets[history]);
  }
};

// The `most` best items that are not in the history and whose score is above 0; a share is in proportion to
// score^sharpness. An empty list where there are none. Histories that `progress` cuts off have empty lists.
// progress: called with blocks done and in all.
TaughtLists lists_of(const ScoringModel& teacher, const Interactions& histories, std::size_t most,
                     float sharpness, const TrainProgress& progress);

}  // namespace winnow
