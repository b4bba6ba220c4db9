// What the user tower reads of one action: the item, the kind of action, and the time since the action
// before.
//
// Training and serving turn events into these numbers by the functions here, and by nothing else.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/clock.h"
#include "domain/event.h"

namespace winnow {

struct TowerAction {
  std::uint32_t item = 0;   // row of the model
  std::uint8_t kind = 0;    // below kActionKinds
  TimestampMs time_ms = 0;  // 0: unknown
  friend bool operator==(const TowerAction&, const TowerAction&) = default;
};

// Kind 0: the action is not known (files of bare interactions). It and gap bucket 0 add nothing to a token.
inline constexpr std::uint32_t kActionKinds = 1 + kActionCount;
inline std::uint8_t kind_of(Action action) { return static_cast<std::uint8_t>(1 + static_cast<int>(action)); }

// Bucket 0: the first action, or a time is unknown. Then powers of two of half minutes, up to eight years.
inline constexpr std::uint32_t kGapBuckets = 24;
inline std::uint32_t gap_bucket(TimestampMs before_ms, TimestampMs now_ms) {
  if (before_ms == 0 || now_ms == 0) return 0;
  const auto half_minutes = static_cast<std::uint64_t>(std::max<TimestampMs>(0, now_ms - before_ms)) / 30'000;
  return std::min<std::uint32_t>(kGapBuckets - 1,
                                 static_cast<std::uint32_t>(std::bit_width(half_minutes)) + 1);
}

// A fact about an item or a user, as the 64-bit hash that stands for it (models/content/item_terms.h), as a
// number below `buckets`. Facts that share a bucket share an embedding; buckets > 0.
inline std::uint32_t feature_bucket(std::uint64_t fact, std::uint32_t buckets) {
  return static_cast<std::uint32_t>(fact % buckets);
}

}  // namespace winnow
