#include "batch/clean/decay.h"

#include <algorithm>

#include "domain/feedback.h"

namespace winnow {

Evidence decay(Evidence evidence, double per_day) {
  if (per_day <= 0 || evidence.size() == 0) return evidence;
  const TimestampMs newest = *std::max_element(evidence.time_ms.begin(), evidence.time_ms.end());
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const double age_days = static_cast<double>(newest - evidence.time_ms[i]) / static_cast<double>(kDayMs);
    evidence.weight[i] *= static_cast<float>(decayed_share(age_days, per_day));
  }
  return evidence;
}

}  // namespace winnow
