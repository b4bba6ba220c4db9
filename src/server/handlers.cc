#include "server/handlers.h"

namespace winnow {

std::optional<JsonValue> read_body(Exchange& exchange) {
  static thread_local JsonParser parser;
  const auto body = parser.parse(exchange.request.body);
  if (!body.ok()) {
    exchange.reply.fail(parser.malformed() ? 400 : 422, body.error());
    return std::nullopt;
  }
  if (auto status = check_json(*exchange.route->body, *body, JsonPath()); !status.ok()) {
    exchange.reply.fail(422, status.error());
    return std::nullopt;
  }
  return *body;
}

Parameter path_id(std::string doc) { return {"id", Parameter::In::path, schema::id(), std::move(doc), true}; }

Parameter count_parameter(double max, std::string doc) {
  return {"count", Parameter::In::query, schema::integer(1, max), std::move(doc)};
}

Parameter id_cursor() {
  return {"cursor", Parameter::In::query, schema::id(), "`cursor` of the page before"};
}

Parameter number_cursor() {
  return {"cursor", Parameter::In::query, schema::integer(1, 9007199254740991),
          "`cursor` of the page before"};
}

}  // namespace winnow
