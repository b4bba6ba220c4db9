#include "telemetry/traffic.h"

namespace winnow {

bool Traffic::turn_to(Slot& slot, std::int64_t second) {
  if (slot.second > second) return false;
  if (slot.second < second) {
    slot.second = second;
    slot.events = 0;
    if (slot.latency.count() > 0) slot.latency.clear();
  }
  return true;
}

void Traffic::add_request(TimestampMs now_ms, double seconds) {
  const std::int64_t second = now_ms / kSecondMs;
  Slot& place = slot(second);
  MutexLock lock(place.mutex);
  if (turn_to(place, second)) place.latency.add(seconds);
}

void Traffic::add_events(TimestampMs now_ms, std::uint64_t count) {
  const std::int64_t second = now_ms / kSecondMs;
  Slot& place = slot(second);
  MutexLock lock(place.mutex);
  if (turn_to(place, second)) place.events += count;
}

Traffic::Report Traffic::report(TimestampMs now_ms) const {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kRateSeconds = 10;
  const std::int64_t now_s = now_ms / kSecondMs;
  Report report;
  report.start_s = now_s - static_cast<std::int64_t>(kSeconds) + 1;
  report.seconds.resize(kSeconds);
  for (std::int64_t second = report.start_s; second <= now_s; ++second) {
    if (second < 0) continue;  // a test's clock near 1970
    Second& out = report.seconds[static_cast<std::size_t>(second - report.start_s)];
    HistogramSnapshot latency;
    {
      const Slot& place = slots_[static_cast<std::size_t>(second) % kSeconds];
      MutexLock lock(place.mutex);
      if (place.second != second) continue;
      out.events = place.events;
      if (place.latency.count() > 0) latency = place.latency;
    }
    out.requests = latency.count();
    if (out.requests > 0) {
      out.p50_ms = latency.quantile_s(0.50) * 1e3;
      out.p99_ms = latency.quantile_s(0.99) * 1e3;
    }
    if (second > now_s - kMinute) report.last_minute.merge(latency);
    if (second >= now_s - kRateSeconds && second < now_s) {
      report.requests_per_second += static_cast<double>(out.requests) / kRateSeconds;
      report.events_per_second += static_cast<double>(out.events) / kRateSeconds;
    }
  }
  return report;
}

}  // namespace winnow
