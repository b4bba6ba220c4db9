#include "server/json_reader.h"

#include <fmt/format.h>

#include "base/timestamp.h"

namespace winnow {
namespace {

std::string text_of(JsonValue value) { return std::string(as_text(value)); }

std::vector<std::string> texts_of(JsonValue value) {
  const auto array = as_array(value);
  std::vector<std::string> out;
  out.reserve(array.size());
  for (const JsonValue entry : array) out.push_back(text_of(entry));
  return out;
}

TimestampMs time_of(JsonValue value) {
  if (value.is_string()) return parse_timestamp(as_text(value)).value_or(0);
  return static_cast<TimestampMs>(as_number(value));
}

std::map<std::string, std::string> attributes_of(JsonValue value) {
  std::map<std::string, std::string> out;
  for (const auto [name, entry] : as_object(value)) {
    out.insert_or_assign(std::string(name), simdjson::to_string(entry));
  }
  return out;
}

}  // namespace

Event read_event(JsonValue value, TimestampMs now_ms) {
  Event event;
  event.time_ms = now_ms;
  for (const auto [name, member] : as_object(value)) {
    if (member.is_null()) continue;
    if (name == "event_id") {
      event.event_id = text_of(member);
    } else if (name == "user_id") {
      event.user_id = text_of(member);
    } else if (name == "item_id") {
      event.item_id = text_of(member);
    } else if (name == "action") {
      event.action = action_named(as_text(member)).value_or(Action::view);
    } else if (name == "value") {
      event.value = as_number(member);
    } else if (name == "timestamp") {
      event.time_ms = time_of(member);
    } else if (name == "session_id") {
      event.session_id = text_of(member);
    } else if (name == "recommendation_id") {
      event.recommendation_id = text_of(member);
    } else if (name == "context") {
      event.context = simdjson::to_string(member);
    }
  }
  return event;
}

Item read_item(JsonValue value) {
  Item item;
  for (const auto [name, member] : as_object(value)) {
    if (member.is_null()) continue;
    if (name == "id") {
      item.id = text_of(member);
    } else if (name == "title") {
      item.title = text_of(member);
    } else if (name == "description") {
      item.description = text_of(member);
    } else if (name == "categories") {
      item.categories = texts_of(member);
    } else if (name == "tags") {
      item.tags = texts_of(member);
    } else if (name == "creator") {
      item.creator = text_of(member);
    } else if (name == "created_at") {
      item.created_ms = time_of(member);
    } else if (name == "duration") {
      item.duration_s = as_number(member);
    } else if (name == "price") {
      item.price = as_number(member);
    } else if (name == "available") {
      item.available = as_bool(member);
    } else if (name == "regions") {
      item.regions = texts_of(member);
    } else if (name == "attributes") {
      item.attributes = attributes_of(member);
    }
  }
  return item;
}

User read_user(JsonValue value) {
  User user;
  for (const auto [name, member] : as_object(value)) {
    if (member.is_null()) continue;
    if (name == "id") {
      user.id = text_of(member);
    } else if (name == "country") {
      user.country = text_of(member);
    } else if (name == "language") {
      user.language = text_of(member);
    } else if (name == "age_group") {
      user.age_group = text_of(member);
    } else if (name == "signup_date") {
      user.signup_ms = time_of(member);
    } else if (name == "interests") {
      user.interests = texts_of(member);
    } else if (name == "follows") {
      user.follows = texts_of(member);
    } else if (name == "attributes") {
      user.attributes = attributes_of(member);
    }
  }
  return user;
}

Result<Query> read_query(JsonValue value, TimestampMs now_ms, TimestampMs judging_ms) {
  Query query;
  JsonValue session_events;
  bool has_events = false;
  for (const auto [name, member] : as_object(value)) {
    if (member.is_null()) continue;
    if (name == "user_id") {
      query.user_id = text_of(member);
    } else if (name == "session_id") {
      query.session_id = text_of(member);
    } else if (name == "surface") {
      if (!as_text(member).empty()) query.surface = text_of(member);
    } else if (name == "count") {
      query.count = static_cast<std::size_t>(as_number(member));
    } else if (name == "cursor") {
      query.cursor = text_of(member);
    } else if (name == "exclude") {
      query.exclude = texts_of(member);
    } else if (name == "categories") {
      query.categories = texts_of(member);
    } else if (name == "country") {
      query.country = text_of(member);
    } else if (name == "context_item") {
      query.context_item = text_of(member);
    } else if (name == "session_events") {
      session_events = member;
      has_events = true;
    }
  }
  if (!has_events) return query;

  for (const JsonValue entry : as_array(session_events)) {
    Event event = read_event(entry, now_ms);
    // They are this visitor's, whoever that is; one without any id is still checked by the other rules.
    event.user_id = query.user_id;
    event.session_id = query.session_id.empty() && query.user_id.empty() ? "visitor" : query.session_id;
    if (auto status = validate(event, judging_ms); !status.ok()) {
      return at_path(fmt::format("session_events[{}]", query.session_events.size()), status.error());
    }
    query.session_events.push_back(std::move(event));
  }
  return query;
}

}  // namespace winnow
