#include "batch/clean/sessions.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace winnow {

WithoutRepeats remove_repeats(EventColumns events, double session_minutes) {
  WithoutRepeats out;
  const auto pause_ms = static_cast<TimestampMs>(session_minutes * static_cast<double>(kMinuteMs));
  std::vector<bool> repeat(events.size());

  // Marks the repeats among the events [begin, end) of one session.
  std::vector<std::size_t> order;
  const auto same_deed = [&](std::size_t a, std::size_t b) {
    return events.item[a] == events.item[b] && events.action[a] == events.action[b];
  };
  const auto end_session = [&](std::size_t begin, std::size_t end) {
    ++out.sessions;
    order.resize(end - begin);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = begin + i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (events.item[a] != events.item[b]) return events.item[a] < events.item[b];
      if (events.action[a] != events.action[b]) return events.action[a] < events.action[b];
      if (events.action[a] != Action::rating && events.value[a] != events.value[b]) {
        return events.value[a] > events.value[b];
      }
      return a > b;
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (same_deed(order[i - 1], order[i])) repeat[order[i]] = true;
    }
  };

  events.for_each_user([&](std::size_t begin, std::size_t end) {
    std::size_t session = begin;
    for (std::size_t i = begin + 1; i < end; ++i) {
      const TimestampMs pause = events.time_ms[i] - events.time_ms[i - 1];
      if (pause_ms > 0 && pause <= pause_ms) continue;
      end_session(session, i);
      session = i;
    }
    end_session(session, end);
  });
  out.removed = events.keep_if([&](std::size_t i) { return !repeat[i]; });
  out.events = std::move(events);
  return out;
}

}  // namespace winnow
