// The OpenAPI 3.1 document of a table of routes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/route.h"

namespace winnow {

struct OpenApiOptions {
  std::string_view version;
  bool keys = true;                 // whether API keys are set
  TimestampMs newest_event_ms = 0;  // what an event's timestamp may be at most
};

std::string write_openapi(std::span<const Route> routes, const OpenApiOptions& options);

}  // namespace winnow
