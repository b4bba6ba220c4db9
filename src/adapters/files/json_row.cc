#include "adapters/files/json_row.h"

#include <fmt/format.h>

#include <bitset>

#include "base/text.h"

namespace winnow {

namespace {

static_assert(StreamWindow::kPaddingBytes >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kMaxRememberedKeys = 4096;

bool is_identity(Field field) {
  return field == Field::id || field == Field::user_id || field == Field::item_id ||
         field == Field::session_id || field == Field::recommendation_id;
}

bool is_list(Field field) {
  return field == Field::categories || field == Field::tags || field == Field::regions ||
         field == Field::interests || field == Field::follows;
}

Error malformed(simdjson::error_code code) {
  return {ErrorCode::invalid,
          fmt::format("the line is not a JSON object: {}", simdjson::error_message(code))};
}

}  // namespace

Result<const Column*> JsonRowReader::column_named(std::string_view key) {
  if (const auto found = columns_.find(key); found != columns_.end()) return &found->second;
  const std::string name(key);
  WINNOW_TRY(const auto columns, resolve_columns(kind_, std::span(&name, 1), mapping_));
  if (columns_.size() >= kMaxRememberedKeys) {
    // Keys without end: forgetting them all would leave earlier fields of this line without their columns.
    return &attribute_columns_.emplace_back(columns.front());
  }
  return &columns_.emplace(name, columns.front()).first->second;
}

Result<std::string_view> JsonRowReader::text_of(const Column& column, const simdjson::dom::element& value) {
  using simdjson::dom::element_type;
  const auto wrong = [&](std::string_view what, std::string_view remedy) -> Error {
    const std::string_view field = name_of(kind_, column.field);
    return {ErrorCode::invalid, fmt::format("{} is {}: {}", field, what, remedy), std::string(field)};
  };
  switch (value.type()) {
    case element_type::STRING:
      return value.get_string().value_unsafe();
    case element_type::INT64:
      return std::string_view(texts_.emplace_back(fmt::to_string(value.get_int64().value_unsafe())));
    case element_type::UINT64:
      return std::string_view(texts_.emplace_back(fmt::to_string(value.get_uint64().value_unsafe())));
    case element_type::DOUBLE:
      if (is_identity(column.field)) return wrong("a fraction", "give a string");
      return std::string_view(texts_.emplace_back(fmt::to_string(value.get_double().value_unsafe())));
    case element_type::BOOL:
      if (is_identity(column.field)) return wrong("true or false", "give a string");
      return std::string_view(value.get_bool().value_unsafe() ? "true" : "false");
    case element_type::ARRAY:
      if (!is_list(column.field)) return wrong("an array", "give one value");
      return std::string_view(texts_.emplace_back(simdjson::minify(value)));
    case element_type::OBJECT:
      return wrong("an object", "give a plain value");
    case element_type::NULL_VALUE:
      break;
  }
  return std::string_view();
}

Result<std::vector<JsonRowReader::JsonField>> JsonRowReader::fields_of(std::string_view line) {
  using simdjson::dom::element_type;
  texts_.clear();
  attribute_columns_.clear();
  simdjson::dom::object object;
  if (const auto error = parser_.parse(line.data(), line.size(), false).get(object)) return malformed(error);

  std::vector<JsonField> fields;
  std::bitset<64> seen;
  bool needs_raw = false;
  for (const auto& [key, value] : object) {
    WINNOW_TRY(const Column* column, column_named(key));
    if (column->field == Field::ignored || value.is_null()) continue;
    if (column->field == Field::attribute) {
      needs_raw = true;
      continue;
    }
    const auto field = static_cast<std::size_t>(column->field);
    if (seen[field]) {
      const std::string_view name = name_of(kind_, column->field);
      return Error{
          ErrorCode::invalid,
          fmt::format("{} is given twice, the second time as \"{}\": give it once", name, excerpt(key)),
          std::string(name)};
    }
    seen.set(field);
    const bool takes_object = column->field == Field::attributes || column->field == Field::context;
    if (takes_object && value.is_object()) {
      needs_raw = true;
      continue;
    }
    WINNOW_TRY(const std::string_view text, text_of(*column, value));
    fields.push_back({column, text});
  }
  if (needs_raw) {
    WINNOW_TRY(const auto raw, raw_fields_of(line));
    fields.insert(fields.end(), raw.begin(), raw.end());
  }
  return fields;
}

// Values that are kept as the JSON text they came as. The line was parsed before, so nothing here can fail
// but memory.
Result<std::vector<JsonRowReader::JsonField>> JsonRowReader::raw_fields_of(std::string_view line) {
  std::vector<JsonField> fields;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (const auto error = raw_parser_
                             .iterate(simdjson::padded_string_view(line.data(), line.size(),
                                                                   line.size() + simdjson::SIMDJSON_PADDING))
                             .get(document)) {
    return malformed(error);
  }
  if (const auto error = document.get_object().get(object)) return malformed(error);
  for (auto member : object) {
    std::string_view key;
    if (const auto error = member.unescaped_key().get(key)) return malformed(error);
    WINNOW_TRY(const Column* column, column_named(key));
    const bool takes_object = column->field == Field::attributes || column->field == Field::context;
    if (column->field != Field::attribute && !takes_object) continue;

    simdjson::ondemand::value value;
    if (const auto error = member.value().get(value)) return malformed(error);
    simdjson::ondemand::json_type type;
    if (const auto error = value.type().get(type)) return malformed(error);
    if (takes_object && type != simdjson::ondemand::json_type::object) continue;
    if (type == simdjson::ondemand::json_type::null) continue;
    if (column->field != Field::attributes) {
      std::string_view text;
      if (const auto error = simdjson::to_json_string(value).get(text)) return malformed(error);
      fields.push_back({column, text, column->field == Field::attribute});
      continue;
    }
    simdjson::ondemand::object attributes;
    if (const auto error = value.get_object().get(attributes)) return malformed(error);
    for (auto attribute : attributes) {
      std::string_view name;
      if (const auto error = attribute.unescaped_key().get(name)) return malformed(error);
      const Column& named = attribute_columns_.emplace_back(Column{std::string(name), Field::attribute});
      simdjson::ondemand::value inner;
      std::string_view text;
      if (const auto error = attribute.value().get(inner)) return malformed(error);
      if (const auto error = simdjson::to_json_string(inner).get(text)) return malformed(error);
      fields.push_back({&named, text, true});
    }
  }
  return fields;
}

std::optional<std::vector<std::string>> json_keys(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string> keys;
  for (const auto& [key, value] : object) keys.emplace_back(key);
  return keys;
}

}  // namespace winnow
