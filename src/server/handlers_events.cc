// Events in and out.
#include <fmt/format.h>

#include "server/api_schemas.h"
#include "server/handlers.h"
#include "server/json_answers.h"
#include "server/json_reader.h"
#include "server/site_traffic.h"

namespace winnow {
namespace {

// A call of POST /events on its way: outcomes by place, and which of them wait for the log.
struct EventCall {
  std::vector<EventOutcome> outcomes;
  std::vector<std::size_t> waiting;  // places of the events that were handed to the log, in its order
  std::vector<std::string> paths;    // of every place: "events[3]", "[3]", or "" for a single event
  TimestampMs now_ms = 0;

  bool single() const { return paths.size() == 1 && paths.front().empty(); }
};

void reject(EventCall& call, std::size_t place, Error error) {
  call.outcomes[place].kind = EventOutcome::Kind::rejected;
  call.outcomes[place].error = std::move(error);
}

void answer_outcomes(const EventCall& call, Exchange& exchange) {
  exchange.traffic->add_events(call.now_ms, call.outcomes);
  if (call.single() && call.outcomes.front().error)
    return exchange.reply.fail(422, *call.outcomes.front().error);
  exchange.reply.status = 202;
  JsonWriter json(exchange.reply.body);
  write(json, std::span<const EventOutcome>(call.outcomes));
}

// On the thread of the log: only moves what it is given.
Finish finish_with(std::shared_ptr<EventCall> call, Result<std::vector<EventOutcome>> stored) {
  auto kept = std::make_shared<Result<std::vector<EventOutcome>>>(std::move(stored));
  return [call = std::move(call), kept = std::move(kept)](Exchange& exchange) {
    if (!kept->ok()) return exchange.fail(kept->error());
    std::vector<EventOutcome>& outcomes = **kept;
    for (std::size_t i = 0; i < outcomes.size() && i < call->waiting.size(); ++i) {
      const std::size_t place = call->waiting[i];
      if (outcomes[i].error) outcomes[i].error = at_path(call->paths[place], std::move(*outcomes[i].error));
      call->outcomes[place] = std::move(outcomes[i]);
    }
    answer_outcomes(*call, exchange);
  };
}

void append(const ServerContext& context, Exchange& exchange, Done done) {
  const auto body = read_body(exchange);
  if (!body) return done({});
  const Schema& batch = *exchange.route->body;
  std::vector<BatchEntry> entries = batch_entries(batch, *body);

  auto call = std::make_shared<EventCall>();
  call->now_ms = context.clock.now_ms();
  call->outcomes.resize(entries.size());
  std::vector<Event> events;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    BatchEntry& entry = entries[place];
    auto status = check_json(batch.element.front(), entry.value, JsonPath());
    if (status.ok()) {
      Event event = read_event(entry.value, call->now_ms);
      status = validate(event, context.event_times.judging_ms(call->now_ms));
      call->outcomes[place].event_id = event.event_id;
      if (status.ok()) {
        events.push_back(std::move(event));
        call->waiting.push_back(place);
      }
    }
    if (!status.ok()) reject(*call, place, at_path(entry.path, status.error()));
    call->paths.push_back(std::move(entry.path));
  }
  if (events.empty()) {
    answer_outcomes(*call, exchange);
    return done({});
  }
  exchange.site->append_events(std::move(events),
                               [call = std::move(call), done](Result<std::vector<EventOutcome>> stored) {
                                 done(finish_with(call, std::move(stored)));
                               });
}

void user_events(const ServerContext&, Exchange& exchange) {
  const Arguments& arguments = exchange.arguments;
  const auto page = exchange.site->user_events(arguments.text("id"),
                                               static_cast<LogPosition>(arguments.integer("cursor", 0)),
                                               static_cast<std::size_t>(arguments.integer("count", 100)));
  if (!page.ok()) return exchange.fail(page.error());
  write_page(exchange.reply, "events", page->records,
             page->next_before > 0 ? std::to_string(page->next_before) : std::string());
}

}  // namespace

std::vector<Route> event_routes() {
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::post,
       .path = "/api/v1/events",
       .operation = "appendEvents",
       .summary = "What users did: one event, an array, or {\"events\": [...]}, up to 1,000. Answered when "
                  "they are durable.",
       .tag = "events",
       .right = Right::write,
       .body = schema::event_batch_of(schema::event(), "events", schema::kMaxBatch),
       .answers = {{202, "the fate of each event, in the order of the request", schema::events_accepted()}},
       .later = append});

  routes.push_back(
      {.method = Method::get,
       .path = "/api/v1/users/{id}/events",
       .operation = "userEvents",
       .summary = "A user's events, newest first.",
       .tag = "users",
       .right = Right::read,
       .parameters = {path_id("of the user"), count_parameter(1000, "100 by default"), number_cursor()},
       .answers = {{200, "one page", schema::page_of("EventPage", "events", schema::stored_event())}},
       .handler = user_events,
       .on_worker = true});
  return routes;
}

}  // namespace winnow
