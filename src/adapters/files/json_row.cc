#include "adapters/files/json_row.h"

#include <fmt/format.h>

#include <bitset>

#include "adapters/files/json_grammar.h"
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

Result<const FileColumn*> JsonRowReader::column_named(std::string_view key) {
  if (const auto found = columns_.find(key); found != columns_.end()) return &found->second;
  const std::string name(key);
  WINNOW_TRY(const auto columns, resolve_columns(kind_, std::span(&name, 1), mapping_));
  // Keys without end are not remembered.
  if (columns_.size() >= kMaxRememberedKeys) return &line_columns_.emplace_back(columns.front());
  return &columns_.emplace(name, columns.front()).first->second;
}

// What a builder reads: the content of strings, the JSON text of everything else; empty for null.
Result<std::string_view> JsonRowReader::text_of(const FileColumn& column,
                                                simdjson::ondemand::value& value) const {
  using simdjson::ondemand::json_type;
  const auto wrong = [&](std::string_view what, std::string_view remedy) -> Error {
    const std::string_view field = name_of(kind_, column.field);
    return {ErrorCode::invalid, fmt::format("{} is {}: {}", field, what, remedy), std::string(field)};
  };
  json_type type;
  std::string_view text;
  if (const auto error = value.type().get(type)) return malformed(error);
  if (type == json_type::string) {
    if (const auto error = value.get_string().get(text)) return malformed(error);
    return text;
  }
  const bool takes_object = column.field == Field::context || column.field == Field::attributes;
  if (type == json_type::object && !takes_object) return wrong("an object", "give a plain value");
  if (type == json_type::array && !is_list(column.field)) return wrong("an array", "give one value");
  if (type == json_type::boolean && is_identity(column.field)) return wrong("true or false", "give a string");
  if (const auto error = simdjson::to_json_string(value).get(text)) return malformed(error);
  if (type == json_type::null) return std::string_view();
  if (type == json_type::number && is_identity(column.field) &&
      text.find_first_of(".eE") != std::string_view::npos) {
    return wrong("a fraction", "give a string");
  }
  return trim(text);
}

Result<std::vector<JsonRowReader::JsonField>> JsonRowReader::fields_of(std::string_view line) {
  line_columns_.clear();
  if (const auto at = json_error_at(line)) {
    return Error{ErrorCode::invalid, fmt::format("the line is not JSON from its byte {} on", *at + 1)};
  }
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const simdjson::padded_string_view padded(line.data(), line.size(),
                                            line.size() + StreamWindow::kPaddingBytes);
  if (const auto error = parser_.iterate(padded).get(document)) return malformed(error);
  if (const auto error = document.get_object().get(object)) return malformed(error);

  std::vector<JsonField> fields;
  std::bitset<64> seen;
  for (auto member : object) {
    std::string_view key;
    simdjson::ondemand::value value;
    if (const auto error = member.unescaped_key().get(key)) return malformed(error);
    if (const auto error = member.value().get(value)) return malformed(error);
    WINNOW_TRY(const FileColumn* column, column_named(key));
    if (column->field == Field::ignored) continue;
    if (column->field == Field::attribute) {
      std::string_view json;
      if (const auto error = simdjson::to_json_string(value).get(json)) return malformed(error);
      if (trim(json) != "null") fields.push_back({column, trim(json), true});
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
    simdjson::ondemand::object attributes;
    if (column->field != Field::attributes || value.get_object().get(attributes)) {
      WINNOW_TRY(const std::string_view text, text_of(*column, value));
      fields.push_back({column, text});
      continue;
    }
    for (auto attribute : attributes) {
      std::string_view name;
      std::string_view json;
      simdjson::ondemand::value inner;
      if (const auto error = attribute.unescaped_key().get(name)) return malformed(error);
      if (const auto error = attribute.value().get(inner)) return malformed(error);
      if (const auto error = simdjson::to_json_string(inner).get(json)) return malformed(error);
      const FileColumn& named = line_columns_.emplace_back(FileColumn{std::string(name), Field::attribute});
      fields.push_back({&named, trim(json), true});
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
