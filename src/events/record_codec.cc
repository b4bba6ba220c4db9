#include "events/record_codec.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kPrefixBytes = 1 + sizeof(std::uint64_t);  // format, checksum

// Which optional fields a record has. The value is left out when 0 and a varint when whole, as most are.
enum Flag : std::uint8_t {
  has_user = 1,
  has_session = 2,
  has_recommendation = 4,
  has_context = 8,
  has_whole_value = 16,
  has_real_value = 32,
};
constexpr std::uint8_t kKnownFlags = 63;

Error damaged(std::string_view what) {
  return {ErrorCode::corrupt,
          fmt::format("a batch of the event log is damaged ({}): restore the store from a dump, "
                      "or import the events again into a new one",
                      what)};
}

std::uint8_t flags_of(const Event& event) {
  std::uint8_t flags = 0;
  if (!event.user_id.empty()) flags |= has_user;
  if (!event.session_id.empty()) flags |= has_session;
  if (!event.recommendation_id.empty()) flags |= has_recommendation;
  if (!event.context.empty()) flags |= has_context;
  constexpr double kExact = 1 << 30;
  const bool whole = std::abs(event.value) < kExact && event.value == std::trunc(event.value);
  if (whole && !std::signbit(event.value)) {
    if (event.value != 0) flags |= has_whole_value;
  } else {
    flags |= has_real_value;
  }
  return flags;
}

Result<Event> decode_body(std::string_view bytes, TimestampMs received_ms) {
  ByteReader in(bytes);
  const auto flags = in.fixed<std::uint8_t>();
  const auto action = in.fixed<std::uint8_t>();
  if ((flags & ~kKnownFlags) != 0 || action >= kActionCount) return damaged("unknown flags or action");
  Event event;
  event.action = static_cast<Action>(action);
  if (flags & has_user) event.user_id = in.string();
  if (flags & has_session) event.session_id = in.string();
  event.item_id = in.string();
  event.event_id = in.string();
  // Unsigned arithmetic wraps, where a damaged difference would overflow.
  event.time_ms = static_cast<TimestampMs>(static_cast<std::uint64_t>(received_ms) +
                                           static_cast<std::uint64_t>(in.signed_varint()));
  if (flags & has_whole_value) event.value = static_cast<double>(in.varint());
  if (flags & has_real_value) event.value = in.fixed<double>();
  if (flags & has_recommendation) event.recommendation_id = in.string();
  if (flags & has_context) event.context = in.string();
  if (in.failed() || !in.at_end()) return damaged("a record does not fill its length");
  if (!std::isfinite(event.value)) return damaged("a value is not finite");
  return event;
}

}  // namespace

void BatchBuilder::restart(LogPosition first) {
  first_ = last_ = first;
  count_ = 0;
  records_.clear();
}

void BatchBuilder::add(LogPosition position, const Event& event) {
  body_.clear();
  const std::uint8_t flags = flags_of(event);
  body_.fixed(flags);
  body_.fixed(event.action);
  if (flags & has_user) body_.string(event.user_id);
  if (flags & has_session) body_.string(event.session_id);
  body_.string(event.item_id);
  body_.string(event.event_id);
  body_.signed_varint(static_cast<std::int64_t>(static_cast<std::uint64_t>(event.time_ms) -
                                                static_cast<std::uint64_t>(received_ms_)));
  if (flags & has_whole_value) body_.varint(static_cast<std::uint64_t>(event.value));
  if (flags & has_real_value) body_.fixed(event.value);
  if (flags & has_recommendation) body_.string(event.recommendation_id);
  if (flags & has_context) body_.string(event.context);
  add_body(position, body_.bytes());
}

void BatchBuilder::add_body(LogPosition position, std::string_view body) {
  WINNOW_CHECK(position >= last_);
  records_.varint(position - last_);
  records_.string(body);
  last_ = position;
  ++count_;
}

std::string BatchBuilder::finish() const {
  ByteWriter header;
  header.varint(first_);
  header.signed_varint(received_ms_);
  header.varint(count_);
  std::string out(kPrefixBytes, '\0');
  out.reserve(kPrefixBytes + header.size() + records_.size());
  out += header.bytes();
  out += records_.bytes();
  out[0] = static_cast<char>(kFormat);
  const std::uint64_t checksum = hash64(std::string_view(out).substr(kPrefixBytes));
  std::memcpy(out.data() + 1, &checksum, sizeof checksum);
  return out;
}

Result<BatchReader> BatchReader::open(std::string_view bytes) {
  ByteReader prefix(bytes);
  const auto format = prefix.fixed<std::uint8_t>();
  const auto checksum = prefix.fixed<std::uint64_t>();
  if (prefix.failed()) return damaged("it is too short");
  if (format != kFormat) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("a batch of the event log has format {}, this release reads {}: use the release that "
                    "wrote it, or dump there and restore here",
                    format, kFormat)};
  }
  const std::string_view content = bytes.substr(kPrefixBytes);
  if (hash64(content) != checksum) return damaged("its checksum does not match");
  BatchReader reader(content);
  reader.first_ = reader.position_ = reader.rest_.varint();
  reader.received_ms_ = reader.rest_.signed_varint();
  reader.count_ = reader.rest_.varint();
  if (reader.rest_.failed() || reader.count_ > content.size()) return damaged("its header is not whole");
  return reader;
}

bool BatchReader::next() {
  if (taken_ == count_ || rest_.failed()) return false;
  const std::uint64_t delta = rest_.varint();
  body_ = rest_.string();
  if (rest_.failed() || delta > std::numeric_limits<LogPosition>::max() - position_) return false;
  position_ += delta;
  ++taken_;
  return true;
}

Status BatchReader::status() const {
  if (rest_.failed() || taken_ != count_) return damaged("a record runs over its end");
  if (!rest_.at_end()) return damaged("bytes follow its last record");
  return {};
}

bool BatchReader::belongs_to(std::string_view subject) const {
  ByteReader in(body_);
  const auto flags = in.fixed<std::uint8_t>();
  in.fixed<std::uint8_t>();
  const std::string_view name = in.string();
  if (flags & has_user) return !subject.empty() && name == subject;
  return !subject.empty() && subject.front() == kAnonymousPrefix && (flags & has_session) != 0 &&
         name == subject.substr(1);
}

Result<std::string> BatchReader::subject() const {
  ByteReader in(body_);
  const auto flags = in.fixed<std::uint8_t>();
  in.fixed<std::uint8_t>();
  const std::string_view name = in.string();
  if (in.failed()) return damaged("a record is too short");
  if (flags & has_user) return std::string(name);
  return subject_of("", flags & has_session ? name : "");
}

Result<LogRecord> BatchReader::record() const {
  WINNOW_TRY(Event event, decode_body(body_, received_ms_));
  return LogRecord{position_, received_ms_, std::move(event)};
}

std::string encode_batch(std::span<const LogRecord> records) {
  BatchBuilder builder(records.empty() ? 0 : records.front().position,
                       records.empty() ? 0 : records.front().received_ms);
  for (const LogRecord& record : records) builder.add(record.position, record.event);
  return builder.finish();
}

Result<std::vector<LogRecord>> decode_batch(std::string_view bytes) {
  WINNOW_TRY(BatchReader reader, BatchReader::open(bytes));
  std::vector<LogRecord> records;
  records.reserve(reader.count());
  while (reader.next()) {
    WINNOW_TRY(LogRecord record, reader.record());
    records.push_back(std::move(record));
  }
  WINNOW_RETURN_IF_ERROR(reader.status());
  return records;
}

}  // namespace winnow
