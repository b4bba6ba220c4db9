// The small values that the event log keeps beside its batches. Format: docs/formats/event_log.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/result.h"
#include "domain/event.h"

namespace winnow {

// Given when the log is made.
struct LogSettings {
  std::uint32_t partitions = 0;
  std::uint64_t salt = 0;  // of the event ids that the log gives
  std::string encode() const;
  static Result<LogSettings> decode(std::string_view bytes);
};

// Written anew by every commit, in the same write as its events.
struct LogState {
  LogPosition next = 1;  // of the next event
  TimestampMs received_ms = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::string encode() const;
  static Result<LogState> decode(std::string_view bytes);
};

// The event ids of one commit, for the deduplication window.
struct CommitIdentities {
  TimestampMs received_ms = 0;
  std::vector<Hash128> identities;
  std::string encode() const;
  static Result<CommitIdentities> decode(std::string_view bytes);
};

inline constexpr std::string_view kLogSettingsKey = "log/settings";
inline constexpr std::string_view kLogStateKey = "log/state";
inline constexpr std::string_view kMarkerPrefix = "marker/";

// The event id that the log gives to the event at `position`: "e" and 13 digits of base 32. A bijection of
// the position, so ids of one log never repeat; mixed with the log's salt, so ids of two logs hardly ever
// meet.
std::string given_event_id(LogPosition position, std::uint64_t salt);

}  // namespace winnow
