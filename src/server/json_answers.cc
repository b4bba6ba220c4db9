#include "server/json_answers.h"

namespace winnow {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

template <class Map>
void write_numbers(JsonWriter& json, std::string_view name, const Map& numbers) {
  json.key(name);
  json.begin_object();
  for (const auto& [key, number] : numbers) {
    json.quoted_key(key);
    json.value(number);
  }
  json.end_object();
}

void write_attributes(JsonWriter& json, const std::map<std::string, std::string>& attributes) {
  json.key("attributes");
  json.begin_object();
  for (const auto& [name, value] : attributes) {
    json.quoted_key(name);
    json.raw(value.empty() ? "null" : std::string_view(value));
  }
  json.end_object();
}

// 0 stands for unknown.
void write_time(JsonWriter& json, std::string_view name, TimestampMs time_ms) {
  json.key(name);
  if (time_ms == 0) {
    json.null();
  } else {
    json.value(time_ms);
  }
}

// To the precision of a float: they tell a person where an item came from, and are half of an answer's
// digits.
void write_sources(JsonWriter& json, const decltype(SlateItem::sources)& sources) {
  json.key("sources");
  json.begin_object();
  for (const auto& [name, score] : sources) {
    json.quoted_key(name);
    json.value(static_cast<float>(score));
  }
  json.end_object();
}

void write_slate(JsonWriter& json, const std::vector<SlateItem>& items) {
  json.key("items");
  json.begin_array();
  for (const SlateItem& item : items) {
    json.begin_object();
    json.field("item_id", item.item_id);
    json.field("score", item.score);
    json.field("reason", item.reason.text);
    json.field("reason_code", item.reason.code);
    json.text_or_null("because", item.reason.because_item);
    write_sources(json, item.sources);
    json.end_object();
  }
  json.end_array();
}

std::string_view name_of(EventOutcome::Kind kind) {
  switch (kind) {
    case EventOutcome::Kind::accepted:
      return "accepted";
    case EventOutcome::Kind::duplicate:
      return "duplicate";
    case EventOutcome::Kind::rejected:
      return "rejected";
  }
  return "rejected";
}

void write_outcome(JsonWriter& json, const EventOutcome& outcome) {
  json.begin_object();
  json.text_or_null("event_id", outcome.event_id);
  json.field("status", name_of(outcome.kind));
  if (outcome.error) {
    json.key("error");
    json.begin_object();
    json.field("code", name_of(outcome.error->code));
    json.field("message", outcome.error->message);
    json.text_or_null("field", outcome.error->field);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void write(JsonWriter& json, const Response& response) {
  json.begin_object();
  json.field("recommendation_id", response.recommendation_id);
  write_slate(json, response.items);
  json.field("took_ms", response.took_ms);
  json.field("level", name_of(response.level));
  write_texts(json, "missing", response.missing);
  json.field("candidates", response.candidates);
  write_numbers(json, "dropped", response.dropped);
  json.text_or_null("model_version", response.model_version);
  json.text_or_null("cursor", response.cursor);
  json.end_object();
}

void write(JsonWriter& json, const ItemList& list) {
  json.begin_object();
  write_slate(json, list.items);
  json.text_or_null("model_version", list.model_version);
  json.end_object();
}

void write(JsonWriter& json, const Item& item) {
  json.begin_object();
  json.field("id", item.id);
  json.field("title", item.title);
  json.field("description", item.description);
  write_texts(json, "categories", item.categories);
  write_texts(json, "tags", item.tags);
  json.text_or_null("creator", item.creator);
  write_time(json, "created_at", item.created_ms);
  json.field("duration", item.duration_s);
  json.field("price", item.price);
  json.field("available", item.available);
  write_texts(json, "regions", item.regions);
  write_attributes(json, item.attributes);
  json.end_object();
}

void write(JsonWriter& json, const User& user) {
  json.begin_object();
  json.field("id", user.id);
  json.field("country", user.country);
  json.field("language", user.language);
  json.field("age_group", user.age_group);
  write_time(json, "signup_date", user.signup_ms);
  write_texts(json, "interests", user.interests);
  write_texts(json, "follows", user.follows);
  write_attributes(json, user.attributes);
  json.end_object();
}

void write(JsonWriter& json, const LogRecord& record) {
  const Event& event = record.event;
  json.begin_object();
  json.field("event_id", event.event_id);
  json.text_or_null("user_id", event.user_id);
  json.field("item_id", event.item_id);
  json.field("action", name_of(event.action));
  json.field("value", event.value);
  json.field("timestamp", event.time_ms);
  json.text_or_null("session_id", event.session_id);
  json.text_or_null("recommendation_id", event.recommendation_id);
  json.key("context");
  json.raw(event.context.empty() ? "null" : std::string_view(event.context));
  json.field("received_at", record.received_ms);
  json.end_object();
}

void write(JsonWriter& json, const DeadLetter& letter) {
  json.begin_object();
  json.field("id", letter.id);
  json.field("reason", letter.reason);
  json.field("tries", letter.tries);
  json.key("event");
  write(json, letter.record);
  json.end_object();
}

void write(JsonWriter& json, const IndexStatus& index) {
  json.begin_object();
  json.field("source", index.source);
  json.field("kind", index.kind);
  json.field("items", index.items);
  json.field("recall", index.tuning.recall);
  json.field("target_recall", index.tuning.target_recall);
  json.field("limit", index.tuning.limit);
  json.field("nprobe", index.tuning.effort.nprobe);
  json.field("rerank", index.tuning.effort.rerank);
  json.end_object();
}

void write(JsonWriter& json, const VersionInfo& model) {
  json.begin_object();
  json.field("version", model.version);
  json.field("stage", model.stage);
  json.field("created_at", model.created_ms);
  write_numbers(json, "metrics", model.metrics);
  json.field("note", model.note);
  json.end_object();
}

void write(JsonWriter& json, std::span<const EventOutcome> outcomes) {
  std::array<std::size_t, 3> counts{};
  for (const EventOutcome& outcome : outcomes) ++counts[static_cast<std::size_t>(outcome.kind)];
  json.begin_object();
  json.field("accepted", counts[0]);
  json.field("duplicates", counts[1]);
  json.field("rejected", counts[2]);
  json.key("results");
  json.begin_array();
  for (const EventOutcome& outcome : outcomes) write_outcome(json, outcome);
  json.end_array();
  json.end_object();
}

}  // namespace winnow
