// How much each entry of a history says at request time: its weight, halved for every half-life that it is
// older than the newest entry.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "models/interactions.h"

namespace winnow {

// half_life_days: 0: age does not matter. As the history.
inline std::vector<float> decayed_weights(std::span<const HistoryEntry> history, float half_life_days) {
  TimestampMs newest_ms = 0;
  for (const HistoryEntry& entry : history) newest_ms = std::max(newest_ms, entry.time_ms);
  const double half_life_ms = static_cast<double>(half_life_days) * static_cast<double>(kDayMs);
  std::vector<float> weights;
  weights.reserve(history.size());
  for (const HistoryEntry& entry : history) {
    const auto age_ms = static_cast<double>(newest_ms - entry.time_ms);
    weights.push_back(entry.weight *
                      (half_life_ms > 0 ? static_cast<float>(std::exp2(-age_ms / half_life_ms)) : 1.0f));
  }
  return weights;
}

}  // namespace winnow
