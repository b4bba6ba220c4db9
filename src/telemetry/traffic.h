// Traffic: what a server did in each of the last 120 seconds, for the dashboard's graphs.
//
// Each second has a slot with its own lock, so a reader holds up a recorder for about a microsecond at most.
// A slot is cleared by the first recorder of its next second; seconds in which nothing happened read as
// empty. Memory: about 1 MB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "telemetry/histogram.h"

namespace winnow {

class Traffic final {
 public:
  static constexpr std::size_t kSeconds = 120;

  void add_request(TimestampMs now_ms, double seconds);
  void add_events(TimestampMs now_ms, std::uint64_t count);

  struct Second {
    std::uint64_t requests = 0;
    std::uint64_t events = 0;
    double p50_ms = 0;  // meaningless when requests is 0
    double p99_ms = 0;
  };
  struct Report {
    std::int64_t start_s = 0;        // of the first second, since 1970
    std::vector<Second> seconds;     // kSeconds of them, oldest first; the last is the running one
    HistogramSnapshot last_minute;   // latencies of requests
    double requests_per_second = 0;  // mean of the last 10 whole seconds
    double events_per_second = 0;
  };
  Report report(TimestampMs now_ms) const;

 private:
  struct Slot {
    mutable Mutex mutex;
    std::int64_t second WINNOW_GUARDED_BY(mutex) = -1;
    std::uint64_t events WINNOW_GUARDED_BY(mutex) = 0;
    HistogramSnapshot latency WINNOW_GUARDED_BY(mutex);
  };
  // The slot turned to that second; false when it already belongs to a later one.
  static bool turn_to(Slot& slot, std::int64_t second) WINNOW_REQUIRES(slot.mutex);
  Slot& slot(std::int64_t second) { return slots_[static_cast<std::size_t>(second) % kSeconds]; }

  std::array<Slot, kSeconds> slots_;
};

}  // namespace winnow
