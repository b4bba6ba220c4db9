#include "batch/extract/event_columns.h"

#include <algorithm>
#include <utility>

namespace winnow {

namespace {

template <class T>
void reorder(std::vector<T>& column, const std::vector<std::uint32_t>& order) {
  std::vector<T> reordered(column.size());
  for (std::size_t i = 0; i < order.size(); ++i) reordered[i] = column[order[i]];
  column = std::move(reordered);
}

}  // namespace

EventColumns by_user_and_time(EventColumns events) {
  // A counting sort by user, which is stable, then each user's run by time.
  std::vector<std::uint32_t> next(std::size_t{events.users} + 1);
  for (const std::uint32_t user : events.user) ++next[std::size_t{user} + 1];
  for (std::size_t user = 1; user < next.size(); ++user) next[user] += next[user - 1];
  std::vector<std::uint32_t> order(events.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[next[events.user[i]]++] = i;

  const auto earlier = [&](std::uint32_t a, std::uint32_t b) {
    return events.time_ms[a] < events.time_ms[b];
  };
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && events.user[order[end]] == events.user[order[begin]]) ++end;
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = order.begin() + static_cast<std::ptrdiff_t>(end);
    if (!std::is_sorted(first, last, earlier)) std::stable_sort(first, last, earlier);
    begin = end;
  }
  reorder(events.user, order);
  reorder(events.item, order);
  reorder(events.action, order);
  reorder(events.value, order);
  reorder(events.time_ms, order);
  return events;
}

}  // namespace winnow
