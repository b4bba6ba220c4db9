// ServerContext: what handlers share. Made by Api, constant while the server runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "domain/event.h"
#include "server/route.h"
#include "server/server.h"
#include "telemetry/metrics.h"

namespace winnow {

// The newest time that an event may carry. It is at most 10 minutes ahead of the clock, as the domain's rule
// says, and at least 2; between the two it stands still, so that what /openapi.json says of it holds while
// the document is used.
class EventTimeLimit final {
 public:
  static constexpr TimestampMs kMostAheadMs = EventLimits{}.max_future_ms;
  static constexpr TimestampMs kLeastAheadMs = 2 * kMinuteMs;

  // Moved on when it has become too near, or when `renew` asks for it.
  TimestampMs at(TimestampMs now_ms, bool renew = false) const {
    TimestampMs limit_ms = limit_ms_.load(std::memory_order_relaxed);
    if (renew || limit_ms < now_ms + kLeastAheadMs || limit_ms > now_ms + kMostAheadMs) {
      limit_ms = now_ms + kMostAheadMs;
      limit_ms_.store(limit_ms, std::memory_order_relaxed);
    }
    return limit_ms;
  }
  // The clock by which the domain's rule gives this limit.
  TimestampMs judging_ms(TimestampMs now_ms) const { return at(now_ms) - kMostAheadMs; }

 private:
  mutable std::atomic<TimestampMs> limit_ms_{0};
};

struct ServerContext {
  const ServerOptions& options;
  const Clock& clock;
  Metrics& metrics;
  TimestampMs started_ms = 0;
  std::span<const Route> routes{};
  EventTimeLimit event_times{};
  mutable std::atomic<std::uint64_t> requests{0};  // numbers the requests whose answers need a seed
};

}  // namespace winnow
