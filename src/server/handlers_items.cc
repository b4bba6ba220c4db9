// The catalogue's items.
#include "server/api_schemas.h"
#include "server/handlers.h"
#include "server/json_answers.h"
#include "server/json_reader.h"

namespace winnow {
namespace {

// The domain calls it item_id, the body of an item calls it id.
Error in_body(Error error) {
  if (const std::size_t at = error.field.rfind("item_id"); at != std::string::npos)
    error.field.replace(at, 7, "id");
  return error;
}

void list(const ServerContext&, Exchange& exchange) {
  const Arguments& arguments = exchange.arguments;
  const auto count = static_cast<std::size_t>(arguments.integer("count", 100));
  if (arguments.given("ids")) {
    std::vector<Item> found;
    for (const std::string& id : arguments.list("ids")) {
      auto item = exchange.site->item(id);
      if (item.ok()) {
        found.push_back(std::move(item).value());
      } else if (item.error().code != ErrorCode::not_found) {
        return exchange.fail(item.error());
      }
    }
    return write_page(exchange.reply, "items", found, {});
  }
  if (arguments.given("query")) {
    const auto found = exchange.site->search_items(arguments.text("query"), count);
    if (!found.ok()) return exchange.fail(found.error());
    return write_page(exchange.reply, "items", *found, {});
  }
  const auto page = exchange.site->items(arguments.text("cursor"), count);
  if (!page.ok()) return exchange.fail(page.error());
  write_page(exchange.reply, "items", page->entries, page->next_after);
}

void upsert(const ServerContext&, Exchange& exchange) {
  const auto body = read_body(exchange);
  if (!body) return;
  const Schema& batch = *exchange.route->body;
  std::vector<Item> items;
  const std::vector<BatchEntry> entries = batch_entries(batch, *body);
  items.reserve(entries.size());
  for (const BatchEntry& entry : entries) {
    auto status = check_json(batch.element.front(), entry.value, JsonPath());
    Item item;
    if (status.ok()) {
      item = read_item(entry.value);
      status = validate(item);
    }
    if (!status.ok()) return exchange.reply.fail(422, at_path(entry.path, in_body(status.error())));
    items.push_back(std::move(item));
  }
  if (auto status = exchange.site->put_items(items); !status.ok())
    return exchange.fail(in_body(status.error()));
  JsonWriter json(exchange.reply.body);
  json.begin_object();
  json.field("upserted", items.size());
  json.end_object();
}

void get(const ServerContext&, Exchange& exchange) {
  const auto item = exchange.site->item(exchange.arguments.text("id"));
  if (!item.ok()) return exchange.fail(item.error());
  JsonWriter json(exchange.reply.body);
  write(json, *item);
}

void put(const ServerContext& context, Exchange& exchange) {
  const auto body = read_body(exchange);
  if (!body) return;
  Item item = read_item(*body);
  const std::string& id = exchange.arguments.text("id");
  if (!item.id.empty() && item.id != id) {
    return exchange.reply.fail(
        409, {ErrorCode::conflict, "id differs from the id in the path: leave it out", "id"});
  }
  item.id = id;
  if (auto status = validate(item); !status.ok()) return exchange.reply.fail(422, in_body(status.error()));
  if (auto status = exchange.site->put_items({&item, 1}); !status.ok())
    return exchange.fail(in_body(status.error()));
  get(context, exchange);
}

void erase(const ServerContext&, Exchange& exchange) {
  const std::string& id = exchange.arguments.text("id");
  const auto erased = exchange.site->erase_item(id);
  if (!erased.ok()) return exchange.fail(erased.error());
  if (!*erased) return exchange.fail({ErrorCode::not_found, "there is no item " + excerpt(id), "id"});
  exchange.reply.status = 204;
}

}  // namespace

std::vector<Route> item_routes() {
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::get,
       .path = "/api/v1/items",
       .operation = "listItems",
       .summary = "Items in order of id; or those with the given ids, in their order; or those whose title "
                  "holds a text.",
       .tag = "items",
       .right = Right::read,
       .parameters = {count_parameter(1000, "100 by default"),
                      id_cursor(),
                      {"ids", Parameter::In::query, schema::array_of(schema::id(), schema::kMaxBatch),
                       "separated by commas (%2C within an id); may repeat; unknown ones are left out"},
                      {"query", Parameter::In::query, schema::text(256),
                       "text in the title, or the whole id"}},
       .answers = {{200, "one page", schema::page_of("ItemPage", "items", schema::item_answer())}},
       .handler = list,
       .on_worker = true});
  routes.push_back(
      {.method = Method::post,
       .path = "/api/v1/items",
       .operation = "upsertItems",
       .summary =
           "Inserts or replaces one item, an array, or {\"items\": [...]}, up to 1,000: all of them or none.",
       .tag = "items",
       .right = Right::write,
       .body = schema::batch_of(schema::item(), "items", schema::kMaxBatch),
       .answers = {{200, "how many",
                    schema::object("Upserted", {{"upserted", schema::integer(0, schema::kMaxBatch), true}})}},
       .handler = upsert,
       .on_worker = true});
  routes.push_back({.method = Method::get,
                    .path = "/api/v1/items/{id}",
                    .operation = "getItem",
                    .summary = "One item.",
                    .tag = "items",
                    .right = Right::read,
                    .parameters = {path_id("of the item")},
                    .answers = {{200, "the item", schema::item_answer()}, {404, "no such item"}},
                    .handler = get,
                    .on_worker = true});
  routes.push_back({.method = Method::put,
                    .path = "/api/v1/items/{id}",
                    .operation = "putItem",
                    .summary = "Inserts or replaces one item.",
                    .tag = "items",
                    .right = Right::write,
                    .parameters = {path_id("of the item")},
                    .body = schema::item_body(),
                    .answers = {{200, "the item as stored", schema::item_answer()},
                                {409, "id differs from the id in the path"}},
                    .handler = put,
                    .on_worker = true});
  routes.push_back({.method = Method::erase,
                    .path = "/api/v1/items/{id}",
                    .operation = "deleteItem",
                    .summary = "Removes an item; it is not recommended any more.",
                    .tag = "items",
                    .right = Right::write,
                    .parameters = {path_id("of the item")},
                    .answers = {{204, "it is gone"}, {404, "no such item"}},
                    .handler = erase,
                    .on_worker = true});
  return routes;
}

}  // namespace winnow
