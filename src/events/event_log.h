// EventLog: the one record of what happened. Every other state is derived from it and can be derived again.
//
// - Durable: append acknowledges an event only after it is on disk (group commit: events that arrive together
//   share one sync). kill -9 at any moment loses no acknowledged event and doubles none.
// - Ordered: every stored event has a position; positions grow in the order of appending and are never
//   used again. A position may be missing (erased user), so readers look for "the next from here on".
// - Partitioned by subject (user, or anonymous session): all events of a subject lie in one partition, in
// order.
// - Deduplicated by event_id over a window of age and number, stated in EventLogOptions.
// - Retained by age of arrival.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"

namespace winnow {

struct EventLogOptions {
  std::uint32_t partitions = 16;             // fixed when the store is made
  TimestampMs dedup_window_ms = 7 * kDayMs;  // by arrival
  std::size_t dedup_max_events = 5'000'000;  // newest kept; 16 bytes of identity each
  TimestampMs retention_ms = 0;              // 0 keeps events for ever
};

struct LogRecord {
  LogPosition position = 0;
  TimestampMs received_ms = 0;  // by the log's clock; never falls from one position to the next
  Event event;
};

struct AppendOutcome {
  enum class Kind : std::uint8_t { stored, duplicate } kind = Kind::stored;
  LogPosition position = 0;  // of the stored event; 0 for a duplicate
  std::string event_id;      // as sent, or as given by the log
};

// One page of a user's events, newest first.
struct EventPage {
  std::vector<LogRecord> records;
  LogPosition next_before = 0;  // pass as `before` for the next page; 0 when there is none
};

struct LogStatistics {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  LogPosition first = 0;  // of the oldest event; 0 when there is none
  LogPosition last = 0;   // of the newest event ever appended, erased or not; 0 when none was
};

// A named value that a writer keeps in the log: how far an import has come. Saved together with the events it
// speaks of, or not at all, so a writer that starts again after kill -9 goes on exactly behind its last
// durable batch.
struct Marker {
  std::string name;   // unique to the writer's job
  std::string value;  // replaces the one before
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Blocks until the events are durable. Outcomes stand in the order of `events`; an event with an empty
  // event_id is given one. All events of one call become durable together or not at all. Thread-safe.
  virtual Result<std::vector<AppendOutcome>> append(std::vector<Event> events) = 0;

  // The same, saving the marker in the same commit. `events` may be empty.
  virtual Result<std::vector<AppendOutcome>> append(std::vector<Event> events, Marker marker) = 0;
  // The marker's last durable value; empty when there is none.
  virtual Result<std::string> marker(std::string_view name) const = 0;

  // The same without blocking: `done` is called once, on a thread of the log, and must be quick.
  using AppendDone = std::function<void(Result<std::vector<AppendOutcome>>)>;
  virtual void append_async(std::vector<Event> events, AppendDone done) = 0;

  // Up to `limit` records with position >= from, in order of position, over all partitions. Empty at the end.
  virtual Result<std::vector<LogRecord>> read(LogPosition from, std::size_t limit) const = 0;

  // The same for one partition.
  virtual Result<std::vector<LogRecord>> read_partition(std::uint32_t partition, LogPosition from,
                                                        std::size_t limit) const = 0;
  virtual std::uint32_t partitions() const = 0;

  // A subject's newest events with position < before (0: from the newest on). O(page), not O(log).
  virtual Result<EventPage> read_subject(std::string_view subject, LogPosition before,
                                         std::size_t limit) const = 0;

  // Blocks until an event beyond `position` is readable or the time is up; true when there is one.
  virtual bool wait_beyond(LogPosition position, TimestampMs timeout_ms) const = 0;

  // Removes every event of the subject, from disk too: afterwards no file of the log holds its bytes.
  // Returns how many were removed.
  virtual Result<std::uint64_t> erase_subject(std::string_view subject) = 0;

  // Drops what arrived before now - retention. Returns how many events were dropped.
  virtual Result<std::uint64_t> enforce_retention(TimestampMs now_ms) = 0;

  virtual LogStatistics statistics() const = 0;
};

// Events that could not be applied after the stated number of tries, kept for people to look at and to
// replay.
struct DeadLetter {
  std::uint64_t id = 0;  // the record's position
  LogRecord record;
  std::string reason;
  std::uint32_t tries = 0;
};

class DeadLetterLog {
 public:
  virtual ~DeadLetterLog() = default;
  // A letter of the same position is replaced: a stream that is consumed once more after a crash adds none.
  virtual Status add(const LogRecord& record, std::string_view reason, std::uint32_t tries) = 0;
  virtual Result<std::vector<DeadLetter>> list(std::uint64_t after_id, std::size_t limit) const = 0;
  virtual Status remove(std::uint64_t id) = 0;
  // Removes every letter of the subject, from disk too. Returns how many were removed. O(letters).
  virtual Result<std::uint64_t> erase_subject(std::string_view subject) = 0;
  virtual std::uint64_t size() const = 0;
};

}  // namespace winnow
