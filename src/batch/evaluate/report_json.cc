#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "batch/evaluate/evaluate.h"

namespace winnow {
namespace {

// Shortest text that reads back as the same number. JSON has no infinity and no NaN; no metric is either.
std::string number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "null"; }

std::string object_of(const std::map<std::string, double>& values) {
  std::string out = "{";
  for (const auto& [name, value] : values) {
    if (out.size() > 1) out += ", ";
    out += json_quoted(name) + ": " + number(value);
  }
  return out + "}";
}

std::string object_of(const std::map<std::string, MetricValue>& metrics) {
  std::string out = "{";
  for (const auto& [name, metric] : metrics) {
    if (out.size() > 1) out += ",";
    out += fmt::format("\n        {}: {{\"value\": {}, \"low\": {}, \"high\": {}}}", json_quoted(name),
                       number(metric.value), number(metric.low), number(metric.high));
  }
  return out + "\n      }";
}

std::string object_of(const ModelReport& model) {
  return fmt::format(
      "\n    {{\n      \"name\": {},\n      \"note\": {},\n      \"parameters\": {},\n      \"metrics\": "
      "{},\n"
      "      \"users\": {}, \"items\": {}, \"events\": {},\n"
      "      \"train_cpu_s\": {}, \"wall_s\": {}, \"peak_rss_mb\": {}\n    }}",
      json_quoted(model.name), json_quoted(model.note), object_of(model.parameters), object_of(model.metrics),
      model.users, model.items, model.events, number(model.train_cpu_s), number(model.wall_s),
      number(model.peak_rss_mb));
}

std::string object_of(const ModelComparison& comparison) {
  std::string metrics;
  for (const auto& [name, difference] : comparison.metrics) {
    if (!metrics.empty()) metrics += ",";
    metrics +=
        fmt::format("\n    {}: {{\"difference\": {}, \"low\": {}, \"high\": {}, \"share_better\": {}}}",
                    json_quoted(name), number(difference.mean), number(difference.low),
                    number(difference.high), number(difference.share_better));
  }
  return fmt::format("{{\"first\": {}, \"second\": {}, \"note\": {}, \"metrics\": {{{}}}}}",
                     json_quoted(comparison.first), json_quoted(comparison.second),
                     json_quoted(comparison.note), metrics);
}

}  // namespace

std::string report_json(const EvaluationReport& report) {
  std::string models;
  for (const ModelReport& model : report.models) {
    if (!models.empty()) models += ",";
    models += object_of(model);
  }
  const std::string comparison = report.comparison ? object_of(*report.comparison) : "null";
  const std::string segments = report.segments ? judgement_json(*report.segments) : "null";
  return fmt::format(
      "{{\n  \"protocol\": {},\n  \"input\": {},\n  \"seed\": {},\n  \"users_without_history\": {},\n"
      "  \"chosen\": {},\n  \"comparison\": {},\n  \"segments\": {},\n  \"models\": [{}\n  ]\n}}\n",
      json_quoted(report.protocol), json_quoted(report.input), report.seed, report.users_without_history,
      object_of(report.chosen), comparison, segments, models);
}

}  // namespace winnow
