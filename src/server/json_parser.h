// JSON bodies, read with simdjson and checked against a Schema.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "server/json_path.h"
#include "server/schema.h"

namespace winnow {

using JsonValue = simdjson::dom::element;
using JsonObject = simdjson::dom::object;

using JsonArray = simdjson::dom::array;

inline constexpr std::size_t kMaxJsonDepth = 32;

// Values whose type a schema's check has seen; another type is a bug.
JsonObject as_object(JsonValue value);
JsonArray as_array(JsonValue value);
std::string_view as_text(JsonValue value);
double as_number(JsonValue value);
bool as_bool(JsonValue value);

// A JSON text as it was read; what it gives out is valid until the next call of parse. One thread at a time.
class JsonParser final {
 public:
  // `text` may be given more capacity. Errors: invalid. For what is not JSON, `malformed()` is true
  // afterwards and the message names the byte; otherwise a number is out of range and the error's field is
  // its path.
  Result<JsonValue> parse(std::string& text);
  bool malformed() const { return malformed_; }

 private:
  simdjson::dom::parser parser_;
  bool malformed_ = false;
};

// The first rule of the schema that the value breaks; the error's field is its path. For a batch, only its
// shape is checked, not its elements: each of them has a fate of its own. O(size of the value).
Status check_json(const Schema& schema, JsonValue value, const JsonPath& path);

// The elements of a batch whose shape was checked, each with its path ("events[3]", "[3]", or "" when alone).
struct BatchEntry {
  JsonValue value;
  std::string path;
};
std::vector<BatchEntry> batch_entries(const Schema& batch, JsonValue body);

// The error with its field below a batch entry's path.
Error at_path(const std::string& path, Error error);

}  // namespace winnow
