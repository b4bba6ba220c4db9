// Health, metrics, statistics, dead letters, and the API's own description.
#include <algorithm>
#include <cmath>

#include "server/api_schemas.h"
#include "server/handlers.h"
#include "server/json_answers.h"
#include "server/openapi.h"
#include "server/site_traffic.h"

namespace winnow {
namespace {

void live(const ServerContext&, Exchange& exchange) { exchange.reply.body = R"({"status":"live"})"; }

void ready(const ServerContext& context, Exchange& exchange) {
  if (context.options.ready) {
    if (auto status = context.options.ready(); !status.ok()) {
      return exchange.reply.fail(503, {ErrorCode::unavailable, status.error().message});
    }
  }
  exchange.reply.body = R"({"status":"ready"})";
}

void metrics(const ServerContext& context, Exchange& exchange) {
  exchange.traffic->show(exchange.site->status());
  exchange.reply.content_type = Reply::kText;
  exchange.reply.body = context.metrics.render();
}

void openapi(const ServerContext& context, Exchange& exchange) {
  exchange.reply.body = write_openapi(
      context.routes, {.version = context.options.version,
                       .keys = !context.options.keys.empty(),
                       .newest_event_ms = context.event_times.at(context.clock.now_ms(), true)});
}

void dead_letters(const ServerContext&, Exchange& exchange) {
  const Arguments& arguments = exchange.arguments;
  const auto count = static_cast<std::size_t>(arguments.integer("count", 100));
  // One more than wanted says whether there is a next page.
  auto letters =
      exchange.site->dead_letters(static_cast<std::uint64_t>(arguments.integer("cursor", 0)), count + 1);
  if (!letters.ok()) return exchange.fail(letters.error());
  std::string cursor;
  if (letters->size() > count) {
    letters->resize(count);
    cursor = std::to_string(letters->back().id);
  }
  write_page(exchange.reply, "dead_letters", *letters, cursor);
}

void replay_dead_letters(const ServerContext&, Exchange& exchange) {
  const auto replayed = exchange.site->replay_dead_letters();
  if (!replayed.ok()) return exchange.fail(replayed.error());
  JsonWriter json(exchange.reply.body);
  json.begin_object();
  json.field("replayed", *replayed);
  json.end_object();
}

// To the microsecond: the digits beyond are the histogram's.
double rounded_ms(double ms) { return std::round(ms * 1e3) / 1e3; }

void write_requests(JsonWriter& json, const SiteTraffic::Totals& totals, const Traffic::Report& report) {
  json.key("requests");
  json.begin_object();
  json.field("total", totals.requests);
  json.field("errors", totals.errors);
  json.field("per_second", report.requests_per_second);
  json.key("latency_ms");
  json.begin_object();
  const HistogramSnapshot& minute = report.last_minute;
  const auto percentile = [&](std::string_view name, double seconds) {
    json.key(name);
    if (minute.count() == 0) return json.null();
    json.value(rounded_ms(seconds * 1e3));
  };
  percentile("p50", minute.quantile_s(0.5));
  percentile("p90", minute.quantile_s(0.9));
  percentile("p99", minute.quantile_s(0.99));
  percentile("p999", minute.quantile_s(0.999));
  percentile("max", minute.max_s());
  json.end_object();
  json.key("levels");
  json.begin_object();
  for (std::size_t level = 0; level < totals.levels.size(); ++level) {
    if (totals.levels[level] > 0) json.field(name_of(static_cast<Level>(level)), totals.levels[level]);
  }
  json.end_object();
  json.end_object();
}

void write_series(JsonWriter& json, const Traffic::Report& report) {
  const auto list = [&](std::string_view name, auto write_second) {
    json.key(name);
    json.begin_array();
    for (const Traffic::Second& second : report.seconds) write_second(second);
    json.end_array();
  };
  const auto latency = [&](const Traffic::Second& second, double ms) {
    if (second.requests == 0) return json.null();
    json.value(rounded_ms(ms));
  };
  json.key("series");
  json.begin_object();
  json.field("step_s", 1);
  json.field("start", report.start_s);
  list("requests", [&](const Traffic::Second& second) { json.value(second.requests); });
  list("events", [&](const Traffic::Second& second) { json.value(second.events); });
  list("p50_ms", [&](const Traffic::Second& second) { latency(second, second.p50_ms); });
  list("p99_ms", [&](const Traffic::Second& second) { latency(second, second.p99_ms); });
  json.end_object();
}

void stats(const ServerContext& context, Exchange& exchange) {
  const auto models = exchange.site->models();
  if (!models.ok()) return exchange.fail(models.error());
  const SiteStatus status = exchange.site->status();
  const TimestampMs now_ms = context.clock.now_ms();
  const SiteTraffic::Totals totals = exchange.traffic->totals();
  const Traffic::Report report = exchange.traffic->report(now_ms);

  JsonWriter json(exchange.reply.body);
  json.begin_object();
  json.field("version", context.options.version);
  json.field("now", now_ms);
  json.field("uptime_s", static_cast<double>(now_ms - context.started_ms) / kSecondMs);
  json.key("store");
  json.begin_object();
  json.field("items", status.items);
  json.field("users", status.users);
  json.field("events", status.log.events);
  json.end_object();
  write_requests(json, totals, report);
  json.key("events");
  json.begin_object();
  json.field("accepted", totals.accepted);
  json.field("duplicates", totals.duplicates);
  json.field("rejected", totals.rejected);
  json.field("per_second", report.events_per_second);
  json.field("lag", status.log.last > status.applied ? status.log.last - status.applied : 0);
  json.field("dead_letters", status.dead_letters);
  json.end_object();
  json.key("impressions");
  json.begin_object();
  json.field("answers", status.impressions.impressions);
  json.field("bytes", status.impressions.bytes);
  json.field("dropped", status.impressions.dropped);
  json.end_object();
  json.key("sources");
  json.begin_object();
  for (const auto& [name, items] : totals.sources) {
    json.quoted_key(name);
    json.value(items);
  }
  json.end_object();
  write_series(json, report);
  json.key("model");
  const auto live_model = std::find_if(models->begin(), models->end(), [&](const VersionInfo& m) {
    return m.version == status.model_version;
  });
  if (live_model == models->end()) {
    json.null();
  } else {
    write(json, *live_model);
  }
  json.text_or_null("model_error", status.model_error);
  json.key("indexes");
  json.begin_array();
  for (const IndexStatus& index : status.indexes) write(json, index);
  json.end_array();
  json.key("models");
  json.begin_array();
  for (const VersionInfo& model : *models) write(json, model);
  json.end_array();
  json.end_object();
}

Schema status_is(std::string word) {
  return schema::object({}, {{"status", schema::choice({std::move(word)}), true}});
}

}  // namespace

std::vector<Route> operation_routes() {
  std::vector<Route> routes;
  routes.push_back({.method = Method::get,
                    .path = "/health/live",
                    .operation = "live",
                    .summary = "The process answers.",
                    .tag = "operations",
                    .answers = {{200, "it does", status_is("live")}},
                    .handler = live});
  routes.push_back(
      {.method = Method::get,
       .path = "/health/ready",
       .operation = "ready",
       .summary = "The store is open and the speed layer has caught up.",
       .tag = "operations",
       .answers = {{200, "ready", status_is("ready")}, {503, "not yet; the message says what is missing"}},
       .handler = ready});
  routes.push_back({.method = Method::get,
                    .path = "/metrics",
                    .operation = "metrics",
                    .summary = "Metrics in Prometheus' text format.",
                    .tag = "operations",
                    .right = Right::read,
                    .answers = {{200, "all metrics", schema::text(0), std::string(Reply::kText)}},
                    .handler = metrics});
  routes.push_back({.method = Method::get,
                    .path = "/openapi.json",
                    .operation = "openapi",
                    .summary = "This document.",
                    .tag = "operations",
                    .answers = {{200, "OpenAPI 3.1", schema::free_map(0)}},
                    .handler = openapi});
  routes.push_back({.method = Method::get,
                    .path = "/api/v1/stats",
                    .operation = "stats",
                    .summary = "What the dashboard shows.",
                    .tag = "operations",
                    .right = Right::read,
                    .answers = {{200, "the present state", schema::stats()}},
                    .handler = stats,
                    .on_worker = true});
  routes.push_back({.method = Method::get,
                    .path = "/api/v1/dead-letters",
                    .operation = "deadLetters",
                    .summary = "Events that could not be applied, oldest first.",
                    .tag = "operations",
                    .right = Right::admin,
                    .parameters = {count_parameter(1000, "100 by default"), number_cursor()},
                    .answers = {{200, "one page",
                                 schema::page_of("DeadLetterPage", "dead_letters", schema::dead_letter())}},
                    .handler = dead_letters,
                    .on_worker = true});
  routes.push_back(
      {.method = Method::post,
       .path = "/api/v1/dead-letters/replay",
       .operation = "replayDeadLetters",
       .summary = "Tries all dead letters again.",
       .tag = "operations",
       .right = Right::admin,
       .answers = {{200, "how many were applied",
                    schema::object({}, {{"replayed", schema::integer(0, 9007199254740991), true}})},
                   {409, "a replay is running already"}},
       .handler = replay_dead_letters,
       .on_worker = true});
  return routes;
}

}  // namespace winnow
