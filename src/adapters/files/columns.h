// Which field of an item, a user or an event a column of a file holds.
//
// Names are those of the HTTP API and the aliases people use for them; case and everything but letters and
// digits is ignored, so "userId", "user_id" and "User ID" are one. A column that no name fits is a free
// attribute of an item or a user, and is left out of an event.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

enum class RecordKind : std::uint8_t { items, users, events };
// "items", "users", "events".
std::string_view name_of(RecordKind kind);
std::optional<RecordKind> record_kind_named(std::string_view name);

enum class Field : std::uint8_t {
  ignored,
  attribute,   // a free attribute named after its column
  attributes,  // a JSON object of free attributes
  id,          // of the item or user; of an event, event_id
  user_id,
  item_id,
  action,
  value,
  rating,  // an event's value; where no column holds the action, it is a rating
  timestamp,
  session_id,
  recommendation_id,
  context,
  title,
  description,
  categories,
  category_flag,  // MovieLens 100K: 1 where the category named after the column applies
  tags,
  creator,
  created_at,
  duration,
  price,
  available,
  regions,
  country,
  language,
  age,  // years; gives age_group where there is no such column, and stays as an attribute
  age_group,
  signup_date,
  interests,
  follows,
};

// "column=field" as given on a command line. The field "ignore" leaves a column out.
struct ColumnMapping {
  std::string column;
  std::string field;
};
Result<ColumnMapping> parse_mapping(std::string_view text);

struct FileColumn {
  std::string name;
  Field field = Field::ignored;
};

// Names as the HTTP API writes them, for messages.
std::string_view name_of(RecordKind kind, Field field);

// The field that a column of this name holds.
Field field_of(RecordKind kind, std::string_view column);

// The columns in the order of the header. Errors: a mapping to no field (with the nearest), two columns of
// one field.
Result<std::vector<FileColumn>> resolve_columns(RecordKind kind, std::span<const std::string> header,
                                                std::span<const ColumnMapping> mapping);

// invalid, naming what is missing and how to give it, unless the columns can make records of this kind.
// `default_action`: an action is given for events without one.
Status check_columns(RecordKind kind, std::span<const FileColumn> columns, bool default_action);

// What a file with this header can hold: events when it names an item and a user or session, else items or
// users by what they alone have.
std::optional<RecordKind> kind_of_header(std::span<const std::string> header);
// What the file's name says: "items.csv", "ratings-2024.jsonl.gz".
std::optional<RecordKind> kind_of_name(std::string_view file_name);

}  // namespace winnow
