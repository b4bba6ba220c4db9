#include "online/rank/rising.h"

namespace winnow {

void add_rising_boost(const Trends& trends, TimestampMs now_ms, double boost,
                      std::span<const ItemIndex> items, std::span<float> scores) {
  if (boost == 0 || trends.surging.empty() || now_ms - trends.as_of_ms > kHourMs) return;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const float surge = trends.surge_of(items[i]);
    if (surge > 1) scores[i] += static_cast<float>(boost) * (1 - 1 / surge);
  }
}

}  // namespace winnow
