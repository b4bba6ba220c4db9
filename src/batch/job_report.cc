#include "batch/job_report.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "base/text.h"

namespace winnow {

namespace {

// An object under construction: {"a":1,"b":{...}}.
class JsonObject final {
 public:
  JsonObject& raw(std::string_view name, std::string_view json) {
    if (text_.size() > 1) text_ += ',';
    append_json_quoted(text_, name);
    text_ += ':';
    text_ += json;
    return *this;
  }
  JsonObject& number(std::string_view name, double value) {
    return raw(name, std::isfinite(value) ? fmt::format("{}", value) : "null");
  }
  JsonObject& count(std::string_view name, std::uint64_t value) {
    return raw(name, fmt::format("{}", value));
  }
  JsonObject& time(std::string_view name, TimestampMs value) { return raw(name, fmt::format("{}", value)); }
  JsonObject& text(std::string_view name, std::string_view value) { return raw(name, json_quoted(value)); }
  JsonObject& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  std::string str() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

template <class Values, class ToJson>
std::string json_list(const Values& values, ToJson to_json) {
  std::string out = "[";
  for (const auto& value : values) {
    if (out.size() > 1) out += ',';
    out += to_json(value);
  }
  return out + "]";
}

std::string extract_json(const ExtractReport& r) {
  return JsonObject()
      .count("read", r.read)
      .count("before_window", r.before_window)
      .count("events", r.events)
      .count("users", r.users)
      .count("items", r.items)
      .time("oldest", r.oldest_ms)
      .time("newest", r.newest_ms)
      .flag("widened", r.widened)
      .str();
}

std::string clean_json(const CleanReport& r) {
  return JsonObject()
      .count("events", r.events)
      .count("bots", r.bots)
      .count("by_bots", r.by_bots)
      .count("sessions", r.sessions)
      .count("repeats", r.repeats)
      .count("silent", r.silent)
      .count("over_cap", r.over_cap)
      .count("merged", r.merged)
      .count("disliked", r.disliked)
      .count("by_dislike", r.by_dislike)
      .count("pairs", r.pairs)
      .str();
}

std::string data_json(const JobReport::Data& d) {
  return JsonObject()
      .count("users", d.users)
      .count("items", d.items)
      .count("pairs", d.pairs)
      .count("liked", d.liked)
      .count("fit_pairs", d.fit_pairs)
      .text("cut", d.cut == CutKind::by_time ? "by_time" : "by_user")
      .count("validation_users", d.validation_users)
      .count("test_users", d.test_users)
      .count("test_users_without_history", d.test_users_without_history)
      .str();
}

std::string models_json(const Judgement& judgement) {
  JsonObject models;
  for (const auto& [model, metrics] : judgement.models) {
    JsonObject values;
    for (const auto& [name, metric] : metrics) {
      values.raw(name, JsonObject()
                           .number("value", metric.value)
                           .number("low", metric.low)
                           .number("high", metric.high)
                           .str());
    }
    models.raw(model, values.str());
  }
  return models.str();
}

std::string gate_json(const GateResult& gate) {
  return JsonObject()
      .text("name", gate.name)
      .flag("passed", gate.passed)
      .number("value", gate.value)
      .number("limit", gate.limit)
      .text("words", gate.words)
      .str();
}

std::string step_json(const StepTime& step) {
  return JsonObject()
      .text("step", step.step)
      .number("seconds", step.seconds)
      .number("cpu_seconds", step.cpu_seconds)
      .flag("resumed", step.resumed)
      .str();
}

std::string ranker_json(const JobReport& report) {
  if (!report.ranker && report.ranker_note.empty()) return "null";
  JsonObject out;
  if (report.ranker) {
    out.count("groups", report.ranker->groups)
        .count("rows", report.ranker->rows)
        .text("examples", report.ranker->examples)
        .count("answers", report.ranker->answers)
        .count("answers_with_outcome", report.ranker->answers_with_outcome)
        .raw("judged", judgement_json(report.ranker->judgement));
  }
  return out.text("note", report.ranker_note).str();
}

std::string blend_json(const BlendWeights& blend) {
  JsonObject out;
  for (const BlendWeights::Entry& entry : blend.entries) {
    out.number(entry.source, static_cast<double>(entry.weight));
  }
  return out.str();
}

}  // namespace

double JobReport::seconds() const {
  double sum = 0;
  for (const StepTime& step : steps) sum += step.seconds;
  return sum;
}

double JobReport::cpu_seconds() const {
  double sum = 0;
  for (const StepTime& step : steps) sum += step.cpu_seconds;
  return sum;
}

std::string report_json(const JobReport& report) {
  return JsonObject()
      .text("version", report.version)
      .flag("promoted", report.promoted)
      .flag("refreshed", report.refreshed)
      .text("refusal", report.refusal)
      .text("previous_live", report.previous_live)
      .raw("extract", extract_json(report.extract))
      .raw("clean", clean_json(report.clean))
      .raw("data", data_json(report.data))
      .number("popularity_half_life_days", report.popularity_half_life_days)
      .raw("blend", blend_json(report.blend))
      .raw("ranker", ranker_json(report))
      .raw("models", models_json(report.judgement))
      .raw("gates", json_list(report.gates, gate_json))
      .raw("steps", json_list(report.steps, step_json))
      .number("seconds", report.seconds())
      .number("cpu_seconds", report.cpu_seconds())
      .str();
}

}  // namespace winnow
