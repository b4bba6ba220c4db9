#include "adapters/files/record_builder.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>

#include "adapters/files/json_grammar.h"
#include "base/bytes.h"
#include "base/text.h"

namespace winnow {

namespace {

Error bad_value(RecordKind kind, const FileColumn& column, std::string_view text, std::string_view remedy) {
  const std::string_view field = name_of(kind, column.field);
  return {ErrorCode::invalid, fmt::format("{} is \"{}\": {}", field, excerpt(text), remedy),
          std::string(field)};
}

constexpr std::string_view kTimeRemedy =
    "give seconds or milliseconds since 1970-01-01 UTC, or ISO 8601 text";
constexpr std::string_view kListRemedy = "give a|b|c, a;b;c or a JSON array of strings";

Result<TimestampMs> time_of(RecordKind kind, const FileColumn& column, std::string_view text, TimeUnit unit) {
  if (const auto time = parse_time(text, unit)) return *time;
  return bad_value(kind, column, text, kTimeRemedy);
}

Result<double> number_of(RecordKind kind, const FileColumn& column, std::string_view text) {
  if (const auto number = parse_double(text)) return *number;
  if (const auto number = parse_double(trim(text))) return *number;
  return bad_value(kind, column, text, "give a finite number");
}

Result<std::vector<std::string>> list_of(RecordKind kind, const FileColumn& column, std::string_view text) {
  if (auto list = parse_list(text)) return std::move(*list);
  return bad_value(kind, column, text, kListRemedy);
}

// A JSON object's members, each value as text: for the column "attributes" of a CSV file.
Result<std::map<std::string, std::string>> members_of(RecordKind kind, const FileColumn& column,
                                                      std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) {
    return bad_value(kind, column, text, "give a JSON object");
  }
  std::map<std::string, std::string> members;
  for (const auto& [key, value] : object) members[std::string(key)] = simdjson::minify(value);
  return members;
}

}  // namespace

Status ItemBuilder::set(const FileColumn& column, std::string_view text) {
  if (text.empty()) return {};
  switch (column.field) {
    case Field::id:
      item_.id = text;
      break;
    case Field::title:
      item_.title = text;
      break;
    case Field::description:
      item_.description = text;
      break;
    case Field::categories: {
      WINNOW_TRY(item_.categories, list_of(kKind, column, text));
      // How MovieLens writes an empty list.
      std::erase(item_.categories, "(no genres listed)");
      break;
    }
    case Field::category_flag:
      if (text == "1") item_.categories.push_back(column.name);
      break;
    case Field::tags: {
      WINNOW_TRY(item_.tags, list_of(kKind, column, text));
      break;
    }
    case Field::creator:
      item_.creator = text;
      break;
    case Field::created_at: {
      WINNOW_TRY(const TimestampMs created_ms, time_of(kKind, column, text, rules_.time_unit));
      // What is older than 1970 is as old as can be said, and not unknown.
      item_.created_ms = created_ms < 0 ? 1 : created_ms;
      break;
    }
    case Field::duration: {
      WINNOW_TRY(item_.duration_s, number_of(kKind, column, text));
      break;
    }
    case Field::price: {
      WINNOW_TRY(item_.price, number_of(kKind, column, text));
      break;
    }
    case Field::available: {
      const auto available = parse_bool(text);
      if (!available) return bad_value(kKind, column, text, "give true or false");
      item_.available = *available;
      break;
    }
    case Field::regions: {
      WINNOW_TRY(item_.regions, list_of(kKind, column, text));
      break;
    }
    case Field::attributes: {
      WINNOW_TRY(auto members, members_of(kKind, column, text));
      item_.attributes.merge(members);
      break;
    }
    case Field::attribute:
      set_attribute(column.name, json_value_of(text));
      break;
    default:
      break;
  }
  return {};
}

void ItemBuilder::set_attribute(std::string_view name, std::string json) {
  item_.attributes.insert_or_assign(std::string(name), std::move(json));
}

Result<Item> ItemBuilder::finish() {
  WINNOW_RETURN_IF_ERROR(validate(item_));
  return std::move(item_);
}

Status UserBuilder::set(const FileColumn& column, std::string_view text) {
  if (text.empty()) return {};
  switch (column.field) {
    case Field::id:
      user_.id = text;
      break;
    case Field::country:
      user_.country = text;
      break;
    case Field::language:
      user_.language = text;
      break;
    case Field::age: {
      WINNOW_TRY(age_, number_of(kKind, column, text));
      set_attribute(column.name, json_value_of(text));
      break;
    }
    case Field::age_group:
      user_.age_group = text;
      break;
    case Field::signup_date: {
      WINNOW_TRY(user_.signup_ms, time_of(kKind, column, text, rules_.time_unit));
      break;
    }
    case Field::interests: {
      WINNOW_TRY(user_.interests, list_of(kKind, column, text));
      break;
    }
    case Field::follows: {
      WINNOW_TRY(user_.follows, list_of(kKind, column, text));
      break;
    }
    case Field::attributes: {
      WINNOW_TRY(auto members, members_of(kKind, column, text));
      user_.attributes.merge(members);
      break;
    }
    case Field::attribute:
      set_attribute(column.name, json_value_of(text));
      break;
    default:
      break;
  }
  return {};
}

void UserBuilder::set_attribute(std::string_view name, std::string json) {
  user_.attributes.insert_or_assign(std::string(name), std::move(json));
}

Result<User> UserBuilder::finish() {
  if (user_.age_group.empty() && age_) user_.age_group = age_group_of(*age_);
  WINNOW_RETURN_IF_ERROR(validate(user_));
  return std::move(user_);
}

Status EventBuilder::set(const FileColumn& column, std::string_view text) {
  if (text.empty()) return {};
  switch (column.field) {
    case Field::id:
      event_.event_id = text;
      break;
    case Field::user_id:
      event_.user_id = text;
      break;
    case Field::item_id:
      event_.item_id = text;
      break;
    case Field::action: {
      action_ = action_named(text);
      if (action_) break;
      std::string word(trim(text));
      for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
      action_ = action_named(word);
      if (action_) break;
      const std::vector<std::string> known(action_names().begin(), action_names().end());
      const auto suggestion = nearest(word, known);
      return bad_value(kKind, column, text,
                       suggestion
                           ? fmt::format("did you mean {}? Known are {}", *suggestion, fmt::join(known, ", "))
                           : fmt::format("known are {}", fmt::join(known, ", ")));
    }
    case Field::value: {
      WINNOW_TRY(value_, number_of(kKind, column, text));
      break;
    }
    case Field::rating: {
      WINNOW_TRY(rating_, number_of(kKind, column, text));
      break;
    }
    case Field::timestamp: {
      WINNOW_TRY(event_.time_ms, time_of(kKind, column, text, rules_.time_unit));
      has_time_ = true;
      break;
    }
    case Field::session_id:
      event_.session_id = text;
      break;
    case Field::recommendation_id:
      event_.recommendation_id = text;
      break;
    case Field::context:
      if (!is_json_object(text) || !is_utf8(text))
        return bad_value(kKind, column, text, "give a JSON object");
      event_.context = text;
      break;
    default:
      break;
  }
  return {};
}

Result<Event> EventBuilder::finish() {
  if (action_) {
    event_.action = *action_;
  } else if (rules_.default_action) {
    event_.action = *rules_.default_action;
  } else if (rating_) {
    event_.action = Action::rating;
  } else {
    return Error{ErrorCode::invalid, "the event has no action: give one, or say which action all rows are",
                 "action"};
  }
  if (value_ && !(event_.action == Action::rating && rating_)) {
    event_.value = *value_;
  } else if (rating_ && event_.action == Action::rating) {
    event_.value = *rating_;
  }
  if (event_.action == Action::rating && !value_ && !rating_) {
    return Error{ErrorCode::invalid, "the rating has no value: give the rating as a number", "value"};
  }
  if (!has_time_) {
    return Error{ErrorCode::invalid, fmt::format("the event has no timestamp: {}", kTimeRemedy), "timestamp"};
  }
  WINNOW_RETURN_IF_ERROR(validate(event_, rules_.now_ms, rules_.limits));
  if (event_.event_id.empty()) event_.event_id = content_id(event_);
  return std::move(event_);
}

std::string content_id(const Event& event) {
  // Lengths stand before the texts, so that no two events share their bytes.
  ByteWriter bytes;
  bytes.fixed(event.time_ms);
  bytes.fixed(event.value);
  bytes.fixed(event.action);
  for (const std::string* text :
       {&event.user_id, &event.session_id, &event.item_id, &event.recommendation_id, &event.context}) {
    bytes.string(*text);
  }
  std::uint64_t hash = hash64(bytes.bytes());
  constexpr std::size_t kDigits = 12;
  std::string id = "im-............";
  for (std::size_t i = 0; i < kDigits; ++i, hash /= 36) {
    id[id.size() - 1 - i] = "0123456789abcdefghijklmnopqrstuvwxyz"[hash % 36];
  }
  return id;
}

}  // namespace winnow
