// The first step of training: the events of a window of time, read from the log in chunks into columns.
//
// The window counts back from the newest event, not from today, so that a store of old data trains like a
// living one; and it is widened where it would hold too little to learn from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "batch/extract/event_columns.h"
#include "batch/extract/row_map.h"
#include "batch/progress.h"
#include "events/event_log.h"

namespace winnow {

struct ExtractOptions {
  double window_days = 90;  // 0: all events
  // The window reaches back at least to the newest so many events, impressions apart, which say of nobody
  // what they like; 0: never wider.
  std::size_t window_min_events = 100'000;
};

struct ExtractReport {
  std::uint64_t read = 0;           // events of the log
  std::uint64_t before_window = 0;  // of them left out as too old
  std::uint64_t events = 0;
  std::uint64_t users = 0;
  std::uint64_t items = 0;
  TimestampMs oldest_ms = 0;  // of the events in the window
  TimestampMs newest_ms = 0;
  bool widened = false;  // the window reaches further back than window_days
};

struct Extracted {
  EventColumns events;  // by user and time
  RowMap users;         // identity_of(user id) -> row
  ExtractReport report;
};

// What a user who is signed in is known by.
Hash128 identity_of(std::string_view user_id);

// Reads the log from its start to position `last`. Anonymous sessions are users of their own. O(events of the
// log) time; memory for about twice the events of the window. unavailable when `progress` stops it.
Result<Extracted> extract(const EventLog& log, LogPosition last, const ExtractOptions& options,
                          const JobProgress& progress = {});

}  // namespace winnow
