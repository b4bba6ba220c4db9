// A row of some table and how well it scored: what indexes, models and selections hand to each other.
#pragma once

#include <cstdint>

namespace winnow {

struct ScoredRow {
  std::uint32_t item = 0;
  float score = 0;
  friend bool operator==(const ScoredRow&, const ScoredRow&) = default;
};

// Higher scores first; among equals the lower row, so that every ranking is the same on every machine.
constexpr bool ranks_before(const ScoredRow& a, const ScoredRow& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

// The same as a type, which sorts inline where a pointer to the function would be called.
struct RanksBefore {
  constexpr bool operator()(const ScoredRow& a, const ScoredRow& b) const { return ranks_before(a, b); }
};

}  // namespace winnow
