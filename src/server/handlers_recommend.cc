// Recommendations, similar items, and what is trending.
#include "base/hash.h"
#include "server/api_schemas.h"
#include "server/handlers.h"
#include "server/json_answers.h"
#include "server/json_reader.h"
#include "server/site_traffic.h"

namespace winnow {
namespace {

constexpr std::int64_t kDefaultCount = 20;

void answer_query(const ServerContext& context, Exchange& exchange, Query query) {
  using Seconds = std::chrono::duration<double>;
  query.now_ms = context.clock.now_ms();
  query.deadline_s = steady_seconds() + Seconds(context.options.recommend_deadline).count();
  const std::uint64_t number = context.requests.fetch_add(1, std::memory_order_relaxed);
  query.seed = hash64({reinterpret_cast<const char*>(&number), sizeof number}, context.options.seed);

  RequestTrace trace;
  const auto response = exchange.site->recommend(query, trace);
  if (response.ok()) {
    JsonWriter json(exchange.reply.body);
    write(json, *response);
  } else if (response.error().field == "cursor") {
    // Nothing is wrong with the text as such: it belongs to another list, or to none any more.
    exchange.reply.fail(409, {ErrorCode::conflict, response.error().message, "cursor"});
  } else {
    exchange.fail(response.error());
  }
  const Seconds taken = std::chrono::steady_clock::now() - exchange.started;
  exchange.traffic->add_recommendation(query.now_ms, taken.count(), response.ok() ? &*response : nullptr,
                                       trace);
}

void recommend(const ServerContext& context, Exchange& exchange) {
  const Arguments& arguments = exchange.arguments;
  Query query;
  query.user_id = arguments.text("user_id");
  query.session_id = arguments.text("session_id");
  if (arguments.given("surface")) query.surface = arguments.text("surface");
  query.count = static_cast<std::size_t>(arguments.integer("count", kDefaultCount));
  query.cursor = arguments.text("cursor");
  query.exclude = arguments.list("exclude");
  if (arguments.given("category")) query.categories = {arguments.text("category")};
  query.country = arguments.text("country");
  query.context_item = arguments.text("context_item");
  answer_query(context, exchange, std::move(query));
}

void recommend_by_body(const ServerContext& context, Exchange& exchange) {
  const auto body = read_body(exchange);
  if (!body) return;
  const TimestampMs now_ms = context.clock.now_ms();
  auto query = read_query(*body, now_ms, context.event_times.judging_ms(now_ms));
  if (!query.ok()) return exchange.reply.fail(422, query.error());
  answer_query(context, exchange, std::move(query).value());
}

void answer_list(Exchange& exchange, const Result<ItemList>& list) {
  if (!list.ok()) return exchange.fail(list.error());
  JsonWriter json(exchange.reply.body);
  write(json, *list);
}

void similar(const ServerContext&, Exchange& exchange) {
  const auto count = static_cast<std::size_t>(exchange.arguments.integer("count", kDefaultCount));
  answer_list(exchange, exchange.site->similar(exchange.arguments.text("id"), count));
}

void trending(const ServerContext&, Exchange& exchange) {
  ListQuery query;
  query.count = static_cast<std::size_t>(exchange.arguments.integer("count", kDefaultCount));
  query.category = exchange.arguments.text("category");
  query.country = exchange.arguments.text("country");
  answer_list(exchange, exchange.site->trending(query));
}

}  // namespace

std::vector<Route> recommendation_routes() {
  const auto query = [](std::string name, Schema schema, std::string doc) {
    return Parameter{std::move(name), Parameter::In::query, std::move(schema), std::move(doc)};
  };
  const Parameter count = count_parameter(Query::kMaxCount, "items wanted; 20 by default");
  const Parameter category = query("category", schema::id(), "only items in this category");
  const Parameter country = query("country", schema::text(16), "where the visitor is");
  std::vector<Route> routes;

  routes.push_back(
      {.method = Method::get,
       .path = "/api/v1/recommendations",
       .operation = "recommend",
       .summary = "What should this person see next? Without user_id and session_id: a first-time visitor.",
       .tag = "recommendations",
       .right = Right::read,
       .parameters = {query("user_id", schema::id(), ""), query("session_id", schema::id(), ""),
                      query("surface", schema::text(64), "where the answer will be shown; home by default"),
                      count, query("cursor", schema::text(schema::kMaxCursor), "`cursor` of the page before"),
                      query("exclude", schema::array_of(schema::id(), schema::kMaxExcluded),
                            "item ids not to show, separated by commas (%2C within an id); may repeat"),
                      category, country, query("context_item", schema::id(), "the item on screen")},
       .answers = {{200, "the next items, best first", schema::recommendation()},
                   {409, "the cursor is not one that this list gave out"}},
       .handler = recommend});

  routes.push_back(
      {.method = Method::post,
       .path = "/api/v1/recommendations",
       .operation = "recommendWithContext",
       .summary = "The same with several categories and with events so new that they are not stored yet.",
       .tag = "recommendations",
       .right = Right::read,
       .body = schema::recommend_body(),
       .answers = {{200, "the next items, best first", schema::recommendation()},
                   {409, "the cursor is not one that this list gave out"}},
       .handler = recommend_by_body});

  routes.push_back({.method = Method::get,
                    .path = "/api/v1/items/{id}/similar",
                    .operation = "similarItems",
                    .summary = "Items that go with this one.",
                    .tag = "recommendations",
                    .right = Right::read,
                    .parameters = {path_id("of the item"), count},
                    .answers = {{200, "most similar first", schema::item_list()}, {404, "no such item"}},
                    .handler = similar});

  routes.push_back({.method = Method::get,
                    .path = "/api/v1/trending",
                    .operation = "trendingItems",
                    .summary = "What is rising now.",
                    .tag = "recommendations",
                    .right = Right::read,
                    .parameters = {count, category, country},
                    .answers = {{200, "fastest first", schema::item_list()}},
                    .handler = trending});
  return routes;
}

}  // namespace winnow
