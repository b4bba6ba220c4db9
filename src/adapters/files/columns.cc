#include "adapters/files/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace winnow {

namespace {

struct FieldNames {
  Field field;
  std::string_view name;     // the HTTP API's
  std::string_view aliases;  // normalised, separated by blanks
};

constexpr FieldNames kItemFields[] = {
    {Field::id, "id",
     "id itemid item movieid movie productid product sku asin contentid articleid videoid trackid"},
    {Field::title, "title", "title name itemname itemtitle"},
    {Field::description, "description", "description summary overview"},
    {Field::categories, "categories", "categories category genres genre"},
    {Field::tags, "tags", "tags tag keywords"},
    {Field::creator, "creator", "creator author artist channel brand director publisher"},
    {Field::created_at, "created_at",
     "createdat created publishedat published releasedate createdms date timestamp"},
    {Field::duration, "duration", "duration durations durationseconds durationsec"},
    {Field::price, "price", "price"},
    {Field::available, "available", "available instock active"},
    {Field::regions, "regions", "regions countries"},
    {Field::attributes, "attributes", "attributes"},
};

constexpr FieldNames kUserFields[] = {
    {Field::id, "id", "id userid user customerid customer visitorid memberid"},
    {Field::country, "country", "country countrycode"},
    {Field::language, "language", "language lang locale"},
    {Field::age, "age", "age"},
    {Field::age_group, "age_group", "agegroup ageband agerange"},
    {Field::signup_date, "signup_date", "signupdate signup signupat registeredat joined joinedat createdat"},
    {Field::interests, "interests", "interests"},
    {Field::follows, "follows", "follows following subscriptions"},
    {Field::attributes, "attributes", "attributes"},
};

constexpr FieldNames kEventFields[] = {
    {Field::id, "event_id", "eventid id"},
    {Field::user_id, "user_id", "userid user customerid customer visitorid memberid"},
    {Field::item_id, "item_id",
     "itemid item movieid movie productid product sku asin contentid articleid videoid trackid"},
    {Field::action, "action", "action eventtype event type"},
    {Field::value, "value", "value weight amount"},
    {Field::rating, "rating", "rating stars score"},
    {Field::timestamp, "timestamp",
     "timestamp ts time timestampms eventtime createdat datetime date unixtime"},
    {Field::session_id, "session_id", "sessionid session"},
    {Field::recommendation_id, "recommendation_id", "recommendationid"},
    {Field::context, "context", "context"},
};

std::span<const FieldNames> fields_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::items:
      return kItemFields;
    case RecordKind::users:
      return kUserFields;
    case RecordKind::events:
      break;
  }
  return kEventFields;
}

std::string normalised(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') out.push_back(static_cast<char>(c + ('a' - 'A')));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80)
      out.push_back(c);
  }
  return out;
}

bool has_word(std::string_view words, std::string_view word) {
  const auto parts = split(words, ' ');
  return !word.empty() && std::find(parts.begin(), parts.end(), word) != parts.end();
}

Result<Field> mapped_field(RecordKind kind, const ColumnMapping& mapping) {
  if (mapping.field == "ignore") return Field::ignored;
  if (mapping.field == "attribute" && kind != RecordKind::events) return Field::attribute;
  std::vector<std::string> known = {"ignore"};
  if (kind != RecordKind::events) known.emplace_back("attribute");
  for (const FieldNames& entry : fields_of(kind)) {
    if (mapping.field == entry.name || has_word(entry.aliases, normalised(mapping.field))) return entry.field;
    known.emplace_back(entry.name);
  }
  const auto suggestion = nearest(mapping.field, known);
  return Error{
      ErrorCode::invalid,
      fmt::format("{} have no field \"{}\"{}: map to one of {}", name_of(kind), excerpt(mapping.field),
                  suggestion ? fmt::format(" (did you mean {}?)", *suggestion) : "", fmt::join(known, ", ")),
      "mapping"};
}

bool may_repeat(Field field) {
  return field == Field::ignored || field == Field::attribute || field == Field::category_flag;
}

}  // namespace

std::string_view name_of(RecordKind kind) {
  static constexpr std::array<std::string_view, 3> kNames = {"items", "users", "events"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<RecordKind> record_kind_named(std::string_view name) {
  for (const RecordKind kind : {RecordKind::items, RecordKind::users, RecordKind::events}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

Result<ColumnMapping> parse_mapping(std::string_view text) {
  const std::size_t at = text.rfind('=');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) {
    return Error{
        ErrorCode::invalid,
        fmt::format("\"{}\" maps no column: write column=field, such as movie=item_id", excerpt(text)),
        "mapping"};
  }
  return ColumnMapping{std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string_view name_of(RecordKind kind, Field field) {
  for (const FieldNames& entry : fields_of(kind)) {
    if (entry.field == field) return entry.name;
  }
  return field == Field::category_flag ? "categories" : "attributes";
}

Field field_of(RecordKind kind, std::string_view column) {
  const std::string name = normalised(column);
  for (const FieldNames& entry : fields_of(kind)) {
    if (has_word(entry.aliases, name)) return entry.field;
  }
  return kind == RecordKind::events ? Field::ignored : Field::attribute;
}

Result<std::vector<FileColumn>> resolve_columns(RecordKind kind, std::span<const std::string> header,
                                                std::span<const ColumnMapping> mapping) {
  std::vector<FileColumn> columns;
  for (const std::string& name : header) {
    FileColumn column{name, field_of(kind, name)};
    for (const ColumnMapping& given : mapping) {
      if (given.column != name) continue;
      WINNOW_TRY(column.field, mapped_field(kind, given));
    }
    columns.push_back(std::move(column));
  }
  // A mapping wins over a column that only happens to have a fitting name.
  const auto is_mapped = [&](const FileColumn& column) {
    return std::any_of(mapping.begin(), mapping.end(),
                       [&](const auto& given) { return given.column == column.name; });
  };
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t j = i + 1; j < columns.size(); ++j) {
      if (columns[i].field != columns[j].field || may_repeat(columns[i].field)) continue;
      if (is_mapped(columns[i]) != is_mapped(columns[j])) {
        FileColumn& loser = is_mapped(columns[i]) ? columns[j] : columns[i];
        loser.field = kind == RecordKind::events ? Field::ignored : Field::attribute;
        continue;
      }
      return Error{ErrorCode::invalid,
                   fmt::format("the columns {} and {} both hold {}: leave one out by the mapping {}=ignore",
                               excerpt(columns[i].name), excerpt(columns[j].name),
                               name_of(kind, columns[i].field), excerpt(columns[j].name)),
                   std::string(name_of(kind, columns[i].field))};
    }
  }
  return columns;
}

Status check_columns(RecordKind kind, std::span<const FileColumn> columns, bool default_action) {
  const auto has = [&](Field field) {
    return std::any_of(columns.begin(), columns.end(), [&](const FileColumn& c) { return c.field == field; });
  };
  const auto missing = [&](std::string_view field, std::string_view remedy) -> Status {
    std::vector<std::string> names;
    for (const FileColumn& column : columns) names.push_back(excerpt(column.name, 30));
    if (names.size() > 20) names.resize(20);
    return Error{ErrorCode::invalid,
                 fmt::format("no column holds {} of the {} (columns: {}): {}", field, name_of(kind),
                             fmt::join(names, ", "), remedy),
                 std::string(field)};
  };
  if (kind != RecordKind::events) {
    return has(Field::id) ? Status() : missing("id", "name one \"id\", or map one, such as code=id");
  }
  if (!has(Field::item_id))
    return missing("item_id", "name one \"item_id\", or map one, such as movie=item_id");
  if (!has(Field::user_id) && !has(Field::session_id)) {
    return missing("user_id", "name one \"user_id\" or \"session_id\", or map one, such as visitor=user_id");
  }
  if (!has(Field::timestamp))
    return missing("timestamp", "name one \"timestamp\", or map one, such as when=timestamp");
  if (!has(Field::action) && !has(Field::rating) && !default_action) {
    return missing("action", "name one \"action\", map one, or say which action all rows are (such as view)");
  }
  return {};
}

std::optional<RecordKind> kind_of_header(std::span<const std::string> header) {
  const auto has = [&](RecordKind kind, Field field) {
    return std::any_of(header.begin(), header.end(),
                       [&](const auto& name) { return field_of(kind, name) == field; });
  };
  if (has(RecordKind::events, Field::item_id) &&
      (has(RecordKind::events, Field::user_id) || has(RecordKind::events, Field::session_id))) {
    return RecordKind::events;
  }
  const auto count = [&](RecordKind kind) {
    return std::count_if(header.begin(), header.end(), [&](const auto& name) {
      const Field field = field_of(kind, name);
      return field != Field::attribute && field != Field::id && field != Field::attributes;
    });
  };
  const bool item = has(RecordKind::items, Field::id) && count(RecordKind::items) > 0;
  const bool user = has(RecordKind::users, Field::id) && count(RecordKind::users) > 0;
  if (item && (!user || count(RecordKind::items) > count(RecordKind::users))) return RecordKind::items;
  if (user && (!item || count(RecordKind::users) > count(RecordKind::items))) return RecordKind::users;
  return std::nullopt;
}

std::optional<RecordKind> kind_of_name(std::string_view file_name) {
  static constexpr std::pair<std::string_view, RecordKind> kWords[] = {
      {"items", RecordKind::items},     {"movies", RecordKind::items},        {"products", RecordKind::items},
      {"catalog", RecordKind::items},   {"catalogue", RecordKind::items},     {"users", RecordKind::users},
      {"profiles", RecordKind::users},  {"customers", RecordKind::users},     {"events", RecordKind::events},
      {"ratings", RecordKind::events},  {"interactions", RecordKind::events}, {"clicks", RecordKind::events},
      {"feedback", RecordKind::events}, {"purchases", RecordKind::events},    {"views", RecordKind::events}};
  std::string word;
  for (const char c : file_name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter) break;
    word.push_back(static_cast<char>(c | 0x20));
  }
  for (const auto& [known, kind] : kWords) {
    if (word == known) return kind;
  }
  return std::nullopt;
}

}  // namespace winnow
