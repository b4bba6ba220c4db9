// The catalogue's users.
#include "server/api_schemas.h"
#include "server/handlers.h"
#include "server/json_answers.h"
#include "server/json_reader.h"

namespace winnow {
namespace {

// The domain calls it user_id, the body of a user calls it id.
Error in_body(Error error) {
  if (const std::size_t at = error.field.rfind("user_id"); at != std::string::npos)
    error.field.replace(at, 7, "id");
  return error;
}

void list(const ServerContext&, Exchange& exchange) {
  const Arguments& arguments = exchange.arguments;
  if (arguments.given("ids")) {
    std::vector<User> found;
    for (const std::string& id : arguments.list("ids")) {
      auto user = exchange.site->user(id);
      if (user.ok()) {
        found.push_back(std::move(user).value());
      } else if (user.error().code != ErrorCode::not_found) {
        return exchange.fail(user.error());
      }
    }
    return write_page(exchange.reply, "users", found, {});
  }
  const auto count = static_cast<std::size_t>(arguments.integer("count", 100));
  const auto page = exchange.site->users(arguments.text("cursor"), count);
  if (!page.ok()) return exchange.fail(page.error());
  write_page(exchange.reply, "users", page->entries, page->next_after);
}

void upsert(const ServerContext&, Exchange& exchange) {
  const auto body = read_body(exchange);
  if (!body) return;
  const Schema& batch = *exchange.route->body;
  std::vector<User> users;
  const std::vector<BatchEntry> entries = batch_entries(batch, *body);
  users.reserve(entries.size());
  for (const BatchEntry& entry : entries) {
    auto status = check_json(batch.element.front(), entry.value, JsonPath());
    User user;
    if (status.ok()) {
      user = read_user(entry.value);
      status = validate(user);
    }
    if (!status.ok()) return exchange.reply.fail(422, at_path(entry.path, in_body(status.error())));
    users.push_back(std::move(user));
  }
  if (auto status = exchange.site->put_users(users); !status.ok())
    return exchange.fail(in_body(status.error()));
  JsonWriter json(exchange.reply.body);
  json.begin_object();
  json.field("upserted", users.size());
  json.end_object();
}

void get(const ServerContext&, Exchange& exchange) {
  const auto user = exchange.site->user(exchange.arguments.text("id"));
  if (!user.ok()) return exchange.fail(user.error());
  JsonWriter json(exchange.reply.body);
  write(json, *user);
}

void put(const ServerContext& context, Exchange& exchange) {
  const auto body = read_body(exchange);
  if (!body) return;
  User user = read_user(*body);
  const std::string& id = exchange.arguments.text("id");
  if (!user.id.empty() && user.id != id) {
    return exchange.reply.fail(
        409, {ErrorCode::conflict, "id differs from the id in the path: leave it out", "id"});
  }
  user.id = id;
  if (auto status = validate(user); !status.ok()) return exchange.reply.fail(422, in_body(status.error()));
  if (auto status = exchange.site->put_users({&user, 1}); !status.ok())
    return exchange.fail(in_body(status.error()));
  get(context, exchange);
}

void erase(const ServerContext&, Exchange& exchange) {
  const std::string& id = exchange.arguments.text("id");
  const auto report = exchange.site->erase_user(id);
  if (!report.ok()) return exchange.fail(report.error());
  JsonWriter json(exchange.reply.body);
  json.begin_object();
  json.field("user_id", id);
  json.field("events", report->events);
  json.field("profile", report->profile);
  json.field("features", report->features);
  json.field("dead_letters", report->dead_letters);
  json.field("impressions", report->impressions);
  json.field("rejected_rows", report->rejected_rows);
  json.end_object();
}

}  // namespace

std::vector<Route> user_routes() {
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::get,
       .path = "/api/v1/users",
       .operation = "listUsers",
       .summary = "Users' profiles in order of id; or those with the given ids, in their order.",
       .tag = "users",
       .right = Right::read,
       .parameters = {count_parameter(1000, "100 by default"),
                      id_cursor(),
                      {"ids", Parameter::In::query, schema::array_of(schema::id(), schema::kMaxBatch),
                       "separated by commas (%2C within an id); may repeat; unknown ones are left out"}},
       .answers = {{200, "one page", schema::page_of("UserPage", "users", schema::user_answer())}},
       .handler = list,
       .on_worker = true});
  routes.push_back(
      {.method = Method::post,
       .path = "/api/v1/users",
       .operation = "upsertUsers",
       .summary =
           "Inserts or replaces one user, an array, or {\"users\": [...]}, up to 1,000: all of them or none.",
       .tag = "users",
       .right = Right::write,
       .body = schema::batch_of(schema::user(), "users", schema::kMaxBatch),
       .answers = {{200, "how many",
                    schema::object("Upserted", {{"upserted", schema::integer(0, schema::kMaxBatch), true}})}},
       .handler = upsert,
       .on_worker = true});
  routes.push_back({.method = Method::get,
                    .path = "/api/v1/users/{id}",
                    .operation = "getUser",
                    .summary = "One user's profile.",
                    .tag = "users",
                    .right = Right::read,
                    .parameters = {path_id("of the user")},
                    .answers = {{200, "the user", schema::user_answer()}, {404, "no such user"}},
                    .handler = get,
                    .on_worker = true});
  routes.push_back({.method = Method::put,
                    .path = "/api/v1/users/{id}",
                    .operation = "putUser",
                    .summary = "Inserts or replaces one user's profile.",
                    .tag = "users",
                    .right = Right::write,
                    .parameters = {path_id("of the user")},
                    .body = schema::user_body(),
                    .answers = {{200, "the user as stored", schema::user_answer()},
                                {409, "id differs from the id in the path"}},
                    .handler = put,
                    .on_worker = true});
  routes.push_back(
      {.method = Method::erase,
       .path = "/api/v1/users/{id}",
       .operation = "eraseUser",
       .summary = "Erases a user everywhere: events, features, profile, dead letters and what was shown, "
                  "from disk too.",
       .tag = "users",
       .right = Right::admin,
       .parameters = {path_id("of the user")},
       .answers = {{200, "what was erased; all zero when nothing was known", schema::erase_report()}},
       .handler = erase,
       .on_worker = true});
  return routes;
}

}  // namespace winnow
