// The events of a log as a training set goes through them: by position, as the speed layer does, or by time.
//
// A log that grew with what happened lies in order of time but for a few late events. One that was filled
// from files may not: all events of one user, then all of the next. Its order says nothing of what was known
// when, so it is read by time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "batch/progress.h"
#include "events/event_log.h"

namespace winnow {

class EventStream {
 public:
  virtual ~EventStream() = default;
  // Up to `limit` further records; empty at the end.
  virtual Result<std::vector<LogRecord>> next(std::size_t limit) = 0;
};

struct LogScan {
  std::uint64_t events = 0;
  std::uint64_t impressions = 0;
  std::uint64_t late = 0;  // events more than a day older than one before them
  TimestampMs oldest_ms = 0;
  TimestampMs newest_ms = 0;
  bool in_order_of_time() const { return late * 100 <= events; }
};

// Reads the log once, to position `last`. unavailable when `progress` stops it.
Result<LogScan> scan_log(const EventLog& log, LogPosition last, const JobProgress& progress = {});

// By position, to position `last`. The log outlives it. Memory: a page.
std::unique_ptr<EventStream> by_position(const EventLog& log, LogPosition last);
// By time, events of one time by position. Memory: the whole log as it is encoded, some 100 bytes an event.
Result<std::unique_ptr<EventStream>> by_time(const EventLog& log, LogPosition last);

}  // namespace winnow
