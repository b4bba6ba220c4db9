#include "batch/clean/weights.h"

#include <utility>

namespace winnow {

Weighed weigh(EventColumns events, const FeedbackPolicy& feedback, std::span<const double> durations_s) {
  Weighed out;
  Evidence& evidence = out.evidence;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const double duration_s = events.item[i] < durations_s.size() ? durations_s[events.item[i]] : 0;
    const Signal signal = feedback.signal(events.action[i], events.value[i], duration_s);
    const auto weight = static_cast<float>(feedback.evidence(events.action[i], events.value[i], duration_s));
    if (weight <= 0 && signal != Signal::negative) continue;
    // The columns that stay are moved up in place: no second copy of them.
    events.user[kept] = events.user[i];
    events.item[kept] = events.item[i];
    events.action[kept] = events.action[i];
    events.time_ms[kept] = events.time_ms[i];
    evidence.weight.push_back(weight);
    evidence.signal.push_back(signal);
    ++kept;
  }
  out.removed = events.size() - kept;
  evidence.user = std::move(events.user);
  evidence.item = std::move(events.item);
  evidence.action = std::move(events.action);
  evidence.time_ms = std::move(events.time_ms);
  evidence.user.resize(kept);
  evidence.item.resize(kept);
  evidence.action.resize(kept);
  evidence.time_ms.resize(kept);
  return out;
}

}  // namespace winnow
