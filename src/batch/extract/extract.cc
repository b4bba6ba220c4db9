#include "batch/extract/extract.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::size_t kChunk = 8192;
constexpr std::size_t kFirstTrim = 1 << 20;

Hash128 identity_of_subject(const Event& event) {
  return event.user_id.empty() ? hash128(subject_of(event)) : identity_of(event.user_id);
}

// The oldest time that belongs to the window, given the events so far. It only ever grows as events are
// added, so what falls before it now is out for good.
TimestampMs window_start(const EventColumns& events, const ExtractOptions& options) {
  constexpr TimestampMs kAll = std::numeric_limits<TimestampMs>::min();
  if (options.window_days <= 0 || events.size() == 0) return kAll;
  const TimestampMs newest = *std::max_element(events.time_ms.begin(), events.time_ms.end());
  const auto span_ms = static_cast<TimestampMs>(options.window_days * static_cast<double>(kDayMs));
  const TimestampMs by_time = newest - span_ms;
  if (options.window_min_events == 0) return by_time;
  std::vector<TimestampMs> times;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events.action[i] != Action::impression) times.push_back(events.time_ms[i]);
  }
  if (options.window_min_events >= times.size()) return kAll;
  const auto nth = times.begin() + static_cast<std::ptrdiff_t>(options.window_min_events - 1);
  std::nth_element(times.begin(), nth, times.end(), std::greater<>());
  return std::min(by_time, *nth);
}

// Renumbers the items so that only those with events are left.
void drop_unused_items(EventColumns& events) {
  constexpr std::uint32_t kUnused = 0xFFFFFFFFu;
  std::vector<std::uint32_t> row_of(events.item_ids.size(), kUnused);
  for (const std::uint32_t item : events.item) row_of[item] = 0;
  std::uint32_t rows = 0;
  for (std::size_t item = 0; item < row_of.size(); ++item) {
    if (row_of[item] == kUnused) continue;
    row_of[item] = rows;
    if (rows != item) events.item_ids[rows] = std::move(events.item_ids[item]);
    ++rows;
  }
  events.item_ids.resize(rows);
  for (std::uint32_t& item : events.item) item = row_of[item];
}

}  // namespace

Hash128 identity_of(std::string_view user_id) { return hash128(user_id); }

Result<Extracted> extract(const EventLog& log, LogPosition last, const ExtractOptions& options,
                          const JobProgress& progress) {
  Extracted out;
  EventColumns& events = out.events;
  RowMap& users = out.users;
  RowMap items;
  std::size_t trim_at = kFirstTrim;
  const auto trim = [&] {
    const TimestampMs start = window_start(events, options);
    out.report.before_window += events.keep_if([&](std::size_t i) { return events.time_ms[i] >= start; });
    trim_at = std::max(kFirstTrim, events.size() * 2);
  };

  for (LogPosition from = 1; from <= last;) {
    WINNOW_TRY(const std::vector<LogRecord> records, log.read(from, kChunk));
    if (records.empty()) break;
    for (const LogRecord& record : records) {
      if (record.position > last) break;
      const Event& event = record.event;
      const RowMap::Row item = items.insert(hash128(event.item_id));
      if (item.is_new) events.item_ids.push_back(event.item_id);
      events.user.push_back(users.insert(identity_of_subject(event)).row);
      events.item.push_back(item.row);
      events.action.push_back(event.action);
      events.value.push_back(static_cast<float>(event.value));
      events.time_ms.push_back(event.time_ms);
      ++out.report.read;
    }
    if (events.size() >= trim_at) trim();
    from = records.back().position + 1;
    if (progress && !progress("extract", std::min(from - 1, last), last)) {
      return Error{ErrorCode::unavailable, "stopped while reading the log: run it again to go on"};
    }
  }
  trim();
  events.users = users.size();
  drop_unused_items(events);
  events = by_user_and_time(std::move(events));

  out.report.events = events.size();
  out.report.items = events.item_ids.size();
  events.for_each_user([&](std::size_t, std::size_t) { ++out.report.users; });
  if (events.size() > 0) {
    const auto [oldest, newest] = std::minmax_element(events.time_ms.begin(), events.time_ms.end());
    out.report.oldest_ms = *oldest;
    out.report.newest_ms = *newest;
    out.report.widened = options.window_days > 0 && static_cast<double>(*newest - *oldest) >
                                                        options.window_days * static_cast<double>(kDayMs);
  }
  return out;
}

}  // namespace winnow
