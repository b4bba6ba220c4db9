// Evidence about the same user and item becomes one pair: liked or not, how strongly, when last.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "batch/clean/weights.h"

namespace winnow {

// By user, and by item within a user.
struct Pairs {
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> weight;         // > 0: the sum over the pair's evidence
  std::vector<std::uint8_t> liked;   // 1 when some of it is a positive signal, and not just a view
  std::vector<Action> action;        // the newest evidence
  std::vector<TimestampMs> time_ms;  // of it

  std::size_t size() const { return user.size(); }
};

struct Merged {
  Pairs pairs;
  std::uint64_t merged = 0;      // events that went into a pair that was there already
  std::uint64_t disliked = 0;    // pairs left out because the newest signal about them is negative
  std::uint64_t by_dislike = 0;  // the events of those pairs
};

// The newest signal decides: who disliked an item and likes it now, likes it. evidence: by user and time. O(n
// log n of a user).
Merged merge_pairs(Evidence evidence);

}  // namespace winnow
