// The routes of the API, by subject. Each handlers_*.cc holds its routes and what they do, side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/context.h"
#include "server/json_parser.h"
#include "server/json_writer.h"
#include "server/route.h"

namespace winnow {

std::vector<Route> recommendation_routes();
std::vector<Route> event_routes();
std::vector<Route> item_routes();
std::vector<Route> user_routes();
std::vector<Route> operation_routes();

// The body as JSON that keeps the route's schema; nothing when it does not, and then the reply says why.
// Valid until this thread reads the next one.
std::optional<JsonValue> read_body(Exchange& exchange);

// An object with one list and the cursor of the next page (null when empty).
template <class Values>
void write_page(Reply& reply, std::string_view list, const Values& values, std::string_view cursor) {
  JsonWriter json(reply.body);
  json.begin_object();
  json.key(list);
  json.begin_array();
  for (const auto& value : values) write(json, value);
  json.end_array();
  json.text_or_null("cursor", cursor);
  json.end_object();
}

// Parameters that several routes share.
Parameter path_id(std::string doc);
Parameter count_parameter(double max, std::string doc);
Parameter id_cursor();      // the last id of the page before
Parameter number_cursor();  // the last position of the page before

}  // namespace winnow
