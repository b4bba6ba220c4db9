#include <fmt/format.h>

#include <algorithm>

#include "base/processors.h"
#include "winnow/doctor/check.h"

namespace winnow {

using State = Check::State;

std::string_view name_of(Check::State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::warning:
      return "warning";
    case State::fault:
      return "fault";
  }
  return "";
}

std::vector<Check> check_settings(const Settings& settings) {
  std::vector<Check> checks;
  const auto add = [&](std::string name, State state, std::string found, std::string remedy) {
    checks.push_back({"settings", std::move(name), state, std::move(found), std::move(remedy)});
  };
  if (settings.feedback.positive.empty()) {
    add("feedback.positive", State::fault, "empty", "name at least one action: nothing could be learned");
  }
  const auto& quotas = settings.engine.pipeline.retrieve.quotas;
  if (std::ranges::all_of(quotas, [](const auto& quota) { return quota.second == 0; })) {
    add("sources", State::fault, "all quotas are 0", "give at least one source candidates to bring");
  }
  if (settings.engine.speed.items.trending_fast_hours >=
      settings.engine.speed.items.trending_slow_days * 24) {
    add("speed.trending_fast_hours", State::warning, "not shorter than speed.trending_slow_days",
        "nothing can trend: make it much shorter");
  }
  const unsigned cores = available_processors();
  if (settings.server.threads > cores) {
    add("server.threads", State::warning, fmt::format("{} on {} cores", settings.server.threads, cores),
        "more threads than cores only add waiting");
  }
  if (settings.server.keys.empty()) {
    add("server.keys", State::ok, "none: the server is open, on the loopback only", "");
  } else {
    add("server.keys", State::ok, fmt::format("{}", settings.server.keys.size()), "");
  }
  return checks;
}

}  // namespace winnow
