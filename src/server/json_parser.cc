#include "server/json_parser.h"

#include <fmt/format.h>

#include <cmath>

#include "base/check.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "server/json_fault.h"
#include "server/url.h"

namespace winnow {
namespace {

using simdjson::dom::element_type;
using Kind = Schema::Kind;

constexpr std::size_t kKeptCapacity = 256 * 1024;

template <class T>
T known(simdjson::simdjson_result<T> result) {
  T value{};
  const auto error = std::move(result).get(value);
  WINNOW_CHECK(error == simdjson::SUCCESS);
  return value;
}

std::string_view type_name(JsonValue value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

Error error_at(const JsonPath& path, std::string_view what) {
  std::string field = path.text();
  std::string message = fmt::format("{} {}", field.empty() ? "the body" : excerpt(field, 200), what);
  return {ErrorCode::invalid, std::move(message), std::move(field)};
}

Error wrong_type(const JsonPath& path, JsonValue value, std::string_view wanted) {
  return error_at(path, fmt::format("is {}: give {}", type_name(value), wanted));
}

Status check_string(const Schema& schema, JsonValue value, const JsonPath& path) {
  if (!value.is_string()) return wrong_type(path, value, "a string");
  const std::string_view text = as_text(value);
  if (schema.kind == Kind::id) {
    if (auto status = check_id(text, "x"); !status.ok()) {
      const std::string field = path.text();
      return check_id(text, field.empty() ? "the body" : field);
    }
    return {};
  }
  if (schema.max_length > 0 && utf8_length(text) > schema.max_length) {
    return error_at(path,
                    fmt::format("has {} characters: the limit is {}", utf8_length(text), schema.max_length));
  }
  if (schema.choices.empty()) return {};
  for (const std::string& choice : schema.choices) {
    if (text == choice) return {};
  }
  const auto near = nearest(text, schema.choices);
  std::string all;
  for (const std::string& choice : schema.choices) all += (all.empty() ? "" : ", ") + choice;
  return error_at(path, fmt::format("is \"{}\"{}: give one of {}", excerpt(text),
                                    near ? ", which may mean \"" + *near + "\"" : "", all));
}

Status check_number(const Schema& schema, JsonValue value, const JsonPath& path) {
  const bool whole = schema.kind != Kind::number;
  double number = 0;
  if (!value.is_number() || value.get_double().get(number) != simdjson::SUCCESS) {
    return wrong_type(path, value, whole ? "a whole number" : "a number");
  }
  if (whole && number != std::floor(number)) {
    return error_at(path, fmt::format("is {}: give a whole number", number));
  }
  if (schema.min < schema.max && (number < schema.min || number > schema.max)) {
    return error_at(path, fmt::format("is {}: give a number from {} to {}", number, schema.min, schema.max));
  }
  return {};
}

Status check_time(const Schema& schema, JsonValue value, const JsonPath& path) {
  if (value.is_string()) {
    const std::string_view text = as_text(value);
    if (parse_timestamp(text)) return {};
    return error_at(path, fmt::format("is \"{}\": give milliseconds since 1970-01-01 UTC, or text such as "
                                      "2026-01-31T12:00:00Z",
                                      excerpt(text)));
  }
  if (!value.is_number())
    return wrong_type(path, value, "milliseconds since 1970-01-01 UTC, or ISO 8601 text");
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS || number != std::floor(number) || number < 0 ||
      number > schema.max) {
    return error_at(path, fmt::format("is {}: give milliseconds since 1970-01-01 UTC", number));
  }
  return {};
}

Status unknown_field(const Schema& schema, std::string_view key, const JsonPath& path) {
  std::vector<std::string> known;
  known.reserve(schema.fields.size());
  for (const SchemaField& field : schema.fields) known.push_back(field.name);
  const auto near = nearest(key, known);
  const std::string name = excerpt(key, 256);
  return error_at(JsonPath(path, name),
                  near ? "is unknown: did you mean " + *near + "?" : "is unknown: leave it out");
}

Status check_object(const Schema& schema, JsonValue value, const JsonPath& path) {
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return wrong_type(path, value, "an object");
  std::uint64_t seen = 0;  // one bit a field: schemas have fewer than 64
  for (const auto [key, member] : object) {
    std::size_t index = 0;
    while (index < schema.fields.size() && schema.fields[index].name != key) ++index;
    if (index == schema.fields.size()) return unknown_field(schema, key, path);
    const SchemaField& field = schema.fields[index];
    const JsonPath below(path, key);
    if ((seen >> index & 1) != 0) return error_at(below, "is given twice: give it once");
    seen |= std::uint64_t{1} << index;
    if (member.is_null() && !field.required) continue;
    WINNOW_RETURN_IF_ERROR(check_json(field.schema, member, below));
  }
  for (std::size_t index = 0; index < schema.fields.size(); ++index) {
    const SchemaField& field = schema.fields[index];
    if (field.required && (seen >> index & 1) == 0) {
      return error_at(JsonPath(path, field.name), "is missing: give it");
    }
  }
  return {};
}

Status check_length(const Schema& schema, std::size_t length, const JsonPath& path) {
  if (schema.max_length == 0 || length <= schema.max_length) return {};
  return error_at(path, fmt::format("has {} entries: the limit is {}", length, schema.max_length));
}

Status check_map(const Schema& schema, JsonValue value, const JsonPath& path) {
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return wrong_type(path, value, "an object");
  std::size_t count = 0;
  for (const auto [key, member] : object) {
    ++count;
    const JsonPath below(path, key);
    if (!schema.element.empty()) WINNOW_RETURN_IF_ERROR(check_json(schema.element.front(), member, below));
  }
  return check_length(schema, count, path);
}

Status check_array(const Schema& schema, JsonValue value, const JsonPath& path) {
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return wrong_type(path, value, "an array");
  std::size_t index = 0;
  for (const JsonValue member : array) {
    const JsonPath below(path, index++);
    WINNOW_RETURN_IF_ERROR(check_json(schema.element.front(), member, below));
  }
  return check_length(schema, index, path);
}

// The array of a batch in its wrapped form, if it is in that form.
simdjson::simdjson_result<JsonValue> wrapped_batch(const Schema& batch, JsonValue body) {
  return body.at_key(batch.batch_name);
}

Status check_batch(const Schema& schema, JsonValue value, const JsonPath& path) {
  JsonArray array;
  if (value.get_array().get(array) == simdjson::SUCCESS) return check_length(schema, array.size(), path);
  if (!value.is_object()) return wrong_type(path, value, "an object or an array of objects");
  JsonValue list;
  if (wrapped_batch(schema, value).get(list) != simdjson::SUCCESS) return {};
  JsonObject object = as_object(value);
  for (const auto [key, member] : object) {
    (void)member;
    if (key != schema.batch_name) {
      return error_at(JsonPath(path, key),
                      fmt::format("is unknown beside {}: leave it out", schema.batch_name));
    }
  }
  if (object.size() > 1) return error_at(JsonPath(path, schema.batch_name), "is given twice: give it once");
  const JsonPath below(path, schema.batch_name);
  if (list.get_array().get(array) != simdjson::SUCCESS) return wrong_type(below, list, "an array");
  return check_length(schema, array.size(), below);
}

}  // namespace

JsonObject as_object(JsonValue value) { return known<JsonObject>(value.get_object()); }
JsonArray as_array(JsonValue value) { return known<JsonArray>(value.get_array()); }
std::string_view as_text(JsonValue value) { return known<std::string_view>(value.get_string()); }
double as_number(JsonValue value) { return known<double>(value.get_double()); }
bool as_bool(JsonValue value) { return known<bool>(value.get_bool()); }

Result<JsonValue> JsonParser::parse(std::string& text) {
  malformed_ = false;
  if (parser_.capacity() > kKeptCapacity && text.size() < kKeptCapacity) parser_ = simdjson::dom::parser();
  if (parser_.capacity() < text.size() || parser_.max_depth() != kMaxJsonDepth) {
    if (parser_.allocate(text.size(), kMaxJsonDepth) != simdjson::SUCCESS) {
      return Error{ErrorCode::exhausted, "no memory to read the body: try again later"};
    }
  }
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  JsonValue root;
  auto error = parser_.parse(text.data(), text.size(), false).get(root);
  if (error == simdjson::NUMBER_ERROR && widen_integers(text)) return parse(text);
  if (error == simdjson::SUCCESS) return root;
  const auto fault = find_json_fault(text, kMaxJsonDepth);
  if (fault && fault->kind == JsonFault::Kind::number_range) {
    return Error{ErrorCode::invalid, fault->message, fault->path};
  }
  malformed_ = true;
  if (!fault) return Error{ErrorCode::invalid, "the body is not valid JSON"};
  return Error{ErrorCode::invalid,
               fmt::format("the body is not valid JSON: {} (byte {})", fault->message, fault->offset)};
}

Status check_json(const Schema& schema, JsonValue value, const JsonPath& path) {
  if (schema.nullable && value.is_null()) return {};
  switch (schema.kind) {
    case Kind::text:
    case Kind::id:
      return check_string(schema, value, path);
    case Kind::integer:
    case Kind::number:
      return check_number(schema, value, path);
    case Kind::boolean:
      if (!value.is_bool()) return wrong_type(path, value, "true or false");
      return {};
    case Kind::time:
      return check_time(schema, value, path);
    case Kind::object:
      return check_object(schema, value, path);
    case Kind::map:
      return check_map(schema, value, path);
    case Kind::array:
      return check_array(schema, value, path);
    case Kind::batch:
      return check_batch(schema, value, path);
    case Kind::anything:
      return {};
  }
  return {};
}

std::vector<BatchEntry> batch_entries(const Schema& batch, JsonValue body) {
  std::vector<BatchEntry> entries;
  std::string prefix;
  JsonValue list = body;
  if (body.is_object()) {
    if (wrapped_batch(batch, body).get(list) != simdjson::SUCCESS) return {{body, {}}};
    prefix = batch.batch_name;
  }
  std::size_t index = 0;
  for (const JsonValue value : as_array(list)) {
    entries.push_back({value, fmt::format("{}[{}]", prefix, index++)});
  }
  return entries;
}

Error at_path(const std::string& path, Error error) {
  if (path.empty()) return error;
  if (error.field.empty()) {
    error.field = path;
  } else if (error.field.front() == '[') {
    error.field = path + error.field;
  } else {
    error.field = path + "." + error.field;
  }
  return error;
}

}  // namespace winnow
