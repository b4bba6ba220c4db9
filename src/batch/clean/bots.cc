#include "batch/clean/bots.h"

#include <utility>
#include <vector>

namespace winnow {

WithoutBots remove_bots(EventColumns events, std::uint32_t events_per_minute) {
  WithoutBots out;
  std::vector<bool> is_bot(events.users);
  std::vector<TimestampMs> deeds;
  events.for_each_user([&](std::size_t begin, std::size_t end) {
    if (events_per_minute == 0 || end - begin <= events_per_minute) return;
    deeds.clear();
    for (std::size_t i = begin; i < end; ++i) {
      if (events.action[i] != Action::impression) deeds.push_back(events.time_ms[i]);
    }
    for (std::size_t last = events_per_minute; last < deeds.size(); ++last) {
      if (deeds[last] - deeds[last - events_per_minute] >= kMinuteMs) continue;
      is_bot[events.user[begin]] = true;
      ++out.bots;
      return;
    }
  });
  if (out.bots > 0) out.removed = events.keep_if([&](std::size_t i) { return !is_bot[events.user[i]]; });
  out.events = std::move(events);
  return out;
}

}  // namespace winnow
