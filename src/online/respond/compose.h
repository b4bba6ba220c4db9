// compose: which of the ranked items make up the answer, in which order. Pure.
//
// The best-ranked items in order, but a share of the positions is reserved for what ranking cannot know yet:
// rising and new items, which have no history to be ranked by. Reserved positions are spread evenly behind
// the first third; one whose source has nothing left goes to the next ranked item.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stages/candidates.h"

namespace winnow {

struct Reservation {
  std::size_t source = 0;  // position in the request's list of sources
  double share = 0;        // of the answer's positions, 0 to 0.5
};

struct Placement {
  std::size_t entry = 0;                    // index into Ranked::entries
  std::size_t reserved_for = kNotReserved;  // the source, when a reservation put it here
  static constexpr std::size_t kNotReserved = static_cast<std::size_t>(-1);
};

// At most `count` placements, each entry at most once. O(entries).
std::vector<Placement> compose(const Ranked& ranked, std::size_t count,
                               const std::vector<Reservation>& reservations);

}  // namespace winnow
