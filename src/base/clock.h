// Time is injected, so that a test or a replay says what "now" is.
#pragma once

#include <atomic>
#include <cstdint>

namespace winnow {

// Milliseconds since 1970-01-01 UTC.
using TimestampMs = std::int64_t;

inline constexpr TimestampMs kSecondMs = 1000;
inline constexpr TimestampMs kMinuteMs = 60 * kSecondMs;
inline constexpr TimestampMs kHourMs = 60 * kMinuteMs;
inline constexpr TimestampMs kDayMs = 24 * kHourMs;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimestampMs now_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimestampMs now_ms() const override;
};

// Stands still until it is told otherwise. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimestampMs start_ms) : now_ms_(start_ms) {}
  TimestampMs now_ms() const override { return now_ms_.load(std::memory_order_relaxed); }
  void advance(TimestampMs by_ms) { now_ms_.fetch_add(by_ms, std::memory_order_relaxed); }

 private:
  std::atomic<TimestampMs> now_ms_;
};

// Monotonic seconds, to measure how long something took; CPU seconds of this process and its ended children.
double steady_seconds();
double cpu_seconds();

}  // namespace winnow
