// SiteTraffic: what a Site was asked and what it answered, for /api/v1/stats and /metrics.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "domain/query.h"
#include "online/site.h"
#include "telemetry/metrics.h"
#include "telemetry/request_trace.h"
#include "telemetry/traffic.h"

namespace winnow {

class SiteTraffic final {
 public:
  SiteTraffic(Metrics& metrics, const std::string& site_name);

  // A request for recommendations that was answered after `seconds`; null when it failed.
  void add_recommendation(TimestampMs now_ms, double seconds, const Response* response,
                          const RequestTrace& trace);
  void add_events(TimestampMs now_ms, std::span<const EventOutcome> outcomes);
  // Sets the gauges to what the site says of itself now.
  void show(const SiteStatus& status);

  struct Totals {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
    std::array<std::uint64_t, 5> levels{};  // by Level
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::vector<std::pair<std::string, std::uint64_t>> sources;  // items recommended that the source proposed
  };
  Totals totals() const;
  Traffic::Report report(TimestampMs now_ms) const { return traffic_.report(now_ms); }

 private:
  static constexpr std::size_t kLevels = 5;
  // Instruments by a label that requests bring. Few: found by looking through them.
  template <class Instrument>
  using ByName = std::vector<std::pair<std::string, Instrument*>>;

  void count_sources(const Response& response);
  void time_stages(const RequestTrace& trace);

  Metrics& metrics_;
  const std::string site_name_;
  std::array<Counter*, kLevels> levels_{};
  std::array<Counter*, 3> outcomes_{};  // by EventOutcome::Kind
  Counter& errors_;
  LatencyHistogram& seconds_;
  Traffic traffic_;
  mutable Mutex mutex_;
  ByName<Counter> sources_ WINNOW_GUARDED_BY(mutex_);
  ByName<LatencyHistogram> stages_ WINNOW_GUARDED_BY(mutex_);
};

}  // namespace winnow
