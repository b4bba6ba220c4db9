// rising: candidates that rise within the last hour stand higher, whatever model ranks them.
#pragma once

#include <span>

#include "base/clock.h"
#include "base/ids.h"
#include "features/trends.h"

namespace winnow {

// Adds boost x (1 - 1 / s) to the score of each item that rises by s > 1 standard deviations against its own
// day (Trends::surging): half the boost at 2, nearly all at 10. Nothing where the newest event known is older
// than an hour. O(items log surging).
void add_rising_boost(const Trends& trends, TimestampMs now_ms, double boost,
                      std::span<const ItemIndex> items, std::span<float> scores);

}  // namespace winnow
