// ServerContext: what handlers share. Made by Api, constant while the server runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "server/server.h"
#include "telemetry/metrics.h"

namespace winnow {

struct ServerContext {
  const ServerOptions& options;
  const Clock& clock;
  Metrics& metrics;
  TimestampMs started_ms = 0;
  std::string openapi;                             // the document
  mutable std::atomic<std::uint64_t> requests{0};  // numbers the requests whose answers need a seed
};

}  // namespace winnow
