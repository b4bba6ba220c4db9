// The OpenAPI 3.1 document of a table of routes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/route.h"

namespace winnow {

struct OpenApiOptions {
  std::string_view version;
  bool keys = true;  // whether API keys are set
};

std::string write_openapi(std::span<const Route> routes, const OpenApiOptions& options);

}  // namespace winnow
