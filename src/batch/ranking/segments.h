// Whom and what a ranking set is about, part by part: users by how much they had done by that moment, items
// by their age then. Read from the set's own features.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ranking/ranking_set.h"

namespace winnow {

// Some rows of a set, with the groups that they fall into.
struct Segment {
  std::string name;                      // "new users"
  std::string words;                     // "below 20 actions"
  std::vector<std::uint32_t> rows;       // ascending
  std::vector<std::uint64_t> groups{0};  // offsets into rows; a group without rows is left out
};

// All rows first; then new, light and heavy users (below 20 actions, below 100, more), and items of less than
// 30 days, less than a year, more, and of unknown age. Segments without rows or with all are left out, and so
// is what the set has no feature for ("user.events", "item.age_years", "item.age_known"). O(rows).
std::vector<Segment> segments_of(const RankingSet& set);

}  // namespace winnow
