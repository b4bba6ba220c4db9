#include "batch/impressions/event_stream.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "events/record_codec.h"

namespace winnow {

namespace {

constexpr std::size_t kPage = 8192;

class PositionStream final : public EventStream {
 public:
  PositionStream(const EventLog& log, LogPosition last) : log_(log), last_(last) {}

  Result<std::vector<LogRecord>> next(std::size_t limit) override {
    if (from_ > last_) return std::vector<LogRecord>();
    WINNOW_TRY(std::vector<LogRecord> records, log_.read(from_, limit));
    std::erase_if(records, [&](const LogRecord& record) { return record.position > last_; });
    from_ = records.empty() ? last_ + 1 : records.back().position + 1;
    return records;
  }

 private:
  const EventLog& log_;
  LogPosition from_ = 1;
  LogPosition last_;
};

class TimeStream final : public EventStream {
 public:
  void add(const LogRecord& record) {
    order_.push_back({record.event.time_ms, bytes_.size()});
    const std::string encoded = encode_batch(std::span(&record, 1));
    bytes_ += encoded;
  }
  void sort() {
    ends_.reserve(order_.size());
    for (std::size_t i = 1; i < order_.size(); ++i) ends_.push_back(order_[i].begin);
    ends_.push_back(bytes_.size());
    std::ranges::sort(order_, {}, [](const Entry& entry) { return std::pair(entry.time_ms, entry.begin); });
  }

  Result<std::vector<LogRecord>> next(std::size_t limit) override {
    std::vector<LogRecord> records;
    for (; records.size() < limit && at_ < order_.size(); ++at_) {
      const std::size_t begin = order_[at_].begin;
      const std::size_t end = *std::ranges::upper_bound(ends_, begin);
      WINNOW_TRY(std::vector<LogRecord> one,
                 decode_batch(std::string_view(bytes_).substr(begin, end - begin)));
      records.push_back(std::move(one.front()));
    }
    return records;
  }

 private:
  struct Entry {
    TimestampMs time_ms;
    std::size_t begin;  // of the record's bytes
  };
  std::string bytes_;
  std::vector<Entry> order_;
  std::vector<std::size_t> ends_;  // of every record's bytes, ascending
  std::size_t at_ = 0;
};

}  // namespace

Result<LogScan> scan_log(const EventLog& log, LogPosition last, const JobProgress& progress) {
  LogScan scan;
  PositionStream stream(log, last);
  for (;;) {
    WINNOW_TRY(const std::vector<LogRecord> records, stream.next(kPage));
    if (records.empty()) return scan;
    for (const LogRecord& record : records) {
      const TimestampMs time_ms = record.event.time_ms;
      if (scan.events == 0) scan.oldest_ms = scan.newest_ms = time_ms;
      ++scan.events;
      if (record.event.action == Action::impression) ++scan.impressions;
      if (time_ms < scan.newest_ms - kDayMs) ++scan.late;
      scan.oldest_ms = std::min(scan.oldest_ms, time_ms);
      scan.newest_ms = std::max(scan.newest_ms, time_ms);
    }
    if (progress && !progress("scan", records.back().position, last)) {
      return Error{ErrorCode::unavailable, "stopped while reading the log: run it again"};
    }
  }
}

std::unique_ptr<EventStream> by_position(const EventLog& log, LogPosition last) {
  return std::make_unique<PositionStream>(log, last);
}

Result<std::unique_ptr<EventStream>> by_time(const EventLog& log, LogPosition last) {
  auto sorted = std::make_unique<TimeStream>();
  PositionStream stream(log, last);
  for (;;) {
    WINNOW_TRY(const std::vector<LogRecord> records, stream.next(kPage));
    if (records.empty()) break;
    for (const LogRecord& record : records) sorted->add(record);
  }
  sorted->sort();
  return std::unique_ptr<EventStream>(std::move(sorted));
}

}  // namespace winnow
