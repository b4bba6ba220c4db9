#include "probes.h"

#include <cmath>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace winnow {

TrainingSequences invented_users(const TrainingSequences& sequences, std::size_t count, std::size_t length,
                                 std::uint64_t seed) {
  TrainingSequences out;
  out.items = sequences.items;
  out.item_features = sequences.item_features;
  out.profiles.buckets = sequences.profiles.buckets;
  if (sequences.actions.empty()) return out;
  Random random(seed);
  const auto draw = [&](const auto& values) {
    return values[random.below(static_cast<std::uint32_t>(values.size()))];
  };
  for (std::size_t user = 0; user < count; ++user) {
    std::vector<TowerAction> actions(1 + random.below(static_cast<std::uint32_t>(length)));
    TimestampMs time_ms = 0;
    for (TowerAction& action : actions) {
      action = draw(sequences.actions);
      // From seconds to months, all orders of magnitude alike.
      time_ms += static_cast<TimestampMs>(std::exp(random.uniform() * std::log(100.0 * kDayMs)));
      action.time_ms = time_ms;
    }
    out.add_user(actions, 0);
    if (sequences.profiles.buckets == 0) continue;
    std::vector<std::uint32_t> profile;
    for (int fact = 0; fact < 4 && !sequences.profiles.features.empty(); ++fact) {
      profile.push_back(draw(sequences.profiles.features));
    }
    out.profiles.add(profile);
  }
  return out;
}

}  // namespace winnow
