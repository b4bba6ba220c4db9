// The bytes of the event log: one batch holds the records of one partition that were committed together.
//
// A batch is written once and read many times; each record carries its own position, so a record can be
// erased from a batch without moving its neighbours. Format: docs/formats/event_log.md, kept readable by
// tests/golden/event_batch_v1.bin. A checksum stands over the whole; reading never trusts a length.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "events/event_log.h"

namespace winnow {

// Collects records in order of position and encodes them.
class BatchBuilder final {
 public:
  // All positions lie at or above `first`; all records arrived at `received_ms`.
  BatchBuilder(LogPosition first, TimestampMs received_ms)
      : first_(first), last_(first), received_ms_(received_ms) {}

  // Starts over with an empty batch, and with the memory of the last one.
  void restart(LogPosition first);

  void add(LogPosition position, const Event& event);
  // A record as it lies in another batch of the same arrival.
  void add_body(LogPosition position, std::string_view body);

  LogPosition first() const { return first_; }
  std::size_t count() const { return count_; }
  std::size_t bytes() const { return records_.size(); }
  std::string finish() const;

 private:
  LogPosition first_;
  LogPosition last_;
  TimestampMs received_ms_;
  std::size_t count_ = 0;
  ByteWriter records_;
  ByteWriter body_;  // of the record that is being added; kept to reuse its memory
};

// Walks the records of a batch:  while (reader.next()) use(reader.position(), reader.record());
// The bytes outlive the reader. After damage next() is false and status() says so.
class BatchReader final {
 public:
  // corrupt when the checksum or the header is wrong, unsupported for a format of another release.
  static Result<BatchReader> open(std::string_view bytes);

  LogPosition first() const { return first_; }
  TimestampMs received_ms() const { return received_ms_; }
  std::uint64_t count() const { return count_; }

  bool next();
  LogPosition position() const { return position_; }
  std::string_view body() const { return body_; }
  // Whether the record's subject_of is `subject`, and that subject, without decoding the rest.
  bool belongs_to(std::string_view subject) const;
  Result<std::string> subject() const;
  Result<LogRecord> record() const;
  // Once next() is false: whether that was the end, or damage.
  Status status() const;

 private:
  explicit BatchReader(std::string_view records) : rest_(records) {}

  ByteReader rest_;
  LogPosition first_ = 0;
  LogPosition position_ = 0;
  TimestampMs received_ms_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t taken_ = 0;
  std::string_view body_;
};

// The same in one step, for tests and for single records. The records share received_ms and are in order.
std::string encode_batch(std::span<const LogRecord> records);
Result<std::vector<LogRecord>> decode_batch(std::string_view bytes);

}  // namespace winnow
