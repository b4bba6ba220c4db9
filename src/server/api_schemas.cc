#include "server/api_schemas.h"

#include <utility>

#include "domain/event.h"
#include "domain/item.h"
#include "domain/query.h"

namespace winnow::schema {
namespace {

using Fields = std::vector<SchemaField>;

constexpr double kLargestCount = 9007199254740991;  // 2^53 - 1: exact in every JSON reader

Schema count(std::string doc = {}) { return integer(0, kLargestCount, std::move(doc)); }
Schema milliseconds(std::string doc = {}) { return integer(0, kLargestCount, std::move(doc)); }
Schema any_text(std::string doc = {}) { return text(0, std::move(doc)); }

// Rules of validate(Event) that concern several fields.
constexpr std::string_view kSomebodysEvent =
    R"({"anyOf":[{"required":["user_id"],"properties":{"user_id":{"type":"string"}}},)"
    R"({"required":["session_id"],"properties":{"session_id":{"type":"string"}}}]})";
constexpr std::string_view kAmountsAreNotNegative =
    R"({"anyOf":[{"properties":{"action":{"not":{"enum":["watch","purchase"]}}}},)"
    R"({"properties":{"value":{"minimum":0}}}]})";

Schema action() {
  std::vector<std::string> names;
  for (const std::string_view name : action_names()) names.emplace_back(name);
  return choice(std::move(names), "what the user did; `impression` is being shown");
}

Fields event_fields(bool item_required) {
  return {
      {"event_id", id("unique; repeated within the window of deduplication it is a duplicate")},
      {"user_id", id("of a known user; without it, session_id is required")},
      {"item_id", id(), item_required},
      {"action", action(), item_required},
      {"value", number("watch: seconds; rating: the rating; purchase: the price")},
      {"timestamp", event_time("when it happened, by the sender's clock; the time of arrival when absent")},
      {"session_id", id()},
      {"recommendation_id", id("of the answer that led to it")},
      {"context", free_map(0, "any object, up to 4096 bytes")}};
}

Fields item_fields(bool id_required) {
  return {{"id", id(), id_required},
          {"title", text(1024)},
          {"description", text(16384)},
          {"categories", array_of(id(), 64)},
          {"tags", array_of(id(), 256)},
          {"creator", id("channel, author, brand: what a user can follow")},
          {"created_at", time()},
          {"duration", number_between(0, kMaxDurationS, "seconds; 0 when it is not a recording")},
          {"price", number_between(0, kMaxPrice)},
          {"available", boolean("false: never recommended")},
          {"regions", array_of(id(), 256, "country codes where it may be shown; none: everywhere")},
          {"attributes", free_map(256, "any names and values")}};
}

Fields user_fields(bool id_required) {
  return {{"id", id(), id_required},
          {"country", text(16)},
          {"language", text(16)},
          {"age_group", text(16)},
          {"signup_date", time()},
          {"interests", array_of(id(), 256, "categories")},
          {"follows", array_of(id(), 4096, "creators")},
          {"attributes", free_map(256, "any names and values")}};
}

// What an answer holds: every field is there, times are milliseconds, and what is unknown is null.
Schema as_answer(std::string name, Fields fields) {
  for (SchemaField& field : fields) {
    field.required = true;
    if (field.schema.kind == Schema::Kind::time) field.schema = nullable(milliseconds(field.schema.doc));
    if (field.name == "creator") field.schema.nullable = true;
  }
  return object(std::move(name), std::move(fields));
}

Schema slate_item() {
  return object(
      "RecommendedItem",
      {{"item_id", id(), true},
       {"score", number("comparable within one answer only"), true},
       {"reason", any_text("for people"), true},
       {"reason_code", any_text("for machines: similar_to, taste, popular, trending, new, ..."), true},
       {"because", nullable(id("the item that the reason speaks of")), true},
       {"sources", map_of(number(), "every source that proposed it, and that source's score"), true}});
}

Schema model_version() { return nullable(any_text("null when no model is live")); }

Schema percentiles() {
  return object({}, {{"p50", nullable(number()), true},
                     {"p90", nullable(number()), true},
                     {"p99", nullable(number()), true},
                     {"p999", nullable(number()), true},
                     {"max", nullable(number()), true}});
}

}  // namespace

Schema error() {
  return object("Error",
                {{"error",
                  object({}, {{"code", any_text(), true},
                              {"message", any_text("what is wrong, and what to do about it"), true},
                              {"field", nullable(any_text("which field or parameter is to blame")), true}}),
                  true}});
}

Schema event() {
  Schema event = object("Event", event_fields(true));
  event.rules = "[" + std::string(kSomebodysEvent) + "," + std::string(kAmountsAreNotNegative) + "]";
  return event;
}
Schema session_event() {
  Schema event = object("SessionEvent", event_fields(true),
                        "An event so new that it is not stored yet; it counts at once.");
  event.rules = "[" + std::string(kAmountsAreNotNegative) + "]";
  return event;
}
Schema item() { return object("Item", item_fields(true)); }
Schema item_body() {
  return object("ItemBody", item_fields(false), "As Item; `id`, when given, is that of the path.");
}
Schema user() { return object("User", user_fields(true)); }
Schema user_body() {
  return object("UserBody", user_fields(false), "As User; `id`, when given, is that of the path.");
}

Schema recommend_body() {
  return object("RecommendationRequest",
                {{"user_id", id()},
                 {"session_id", id()},
                 {"surface", text(64, "where the answer will be shown")},
                 {"count", integer(1, Query::kMaxCount)},
                 {"cursor", text(kMaxCursor, "of the page before")},
                 {"exclude", array_of(id(), kMaxExcluded, "items not to show")},
                 {"categories", array_of(id(), kMaxCategoriesAsked, "only items in one of them")},
                 {"country", text(16)},
                 {"context_item", id("the item on screen")},
                 {"session_events", array_of(session_event(), kMaxSessionEvents)}});
}

Schema stored_event() {
  Fields fields = event_fields(true);
  for (SchemaField& field : fields) {
    field.required = true;
    if (field.schema.kind == Schema::Kind::time) field.schema = milliseconds();
    if (field.name == "user_id" || field.name == "session_id" || field.name == "recommendation_id" ||
        field.name == "context") {
      field.schema.nullable = true;
    }
  }
  fields.push_back({"received_at", milliseconds("by the server's clock"), true});
  return object("StoredEvent", std::move(fields));
}

Schema item_answer() { return as_answer("StoredItem", item_fields(true)); }
Schema user_answer() { return as_answer("StoredUser", user_fields(true)); }

Schema recommendation() {
  return object(
      "Recommendation",
      {{"recommendation_id", any_text("send it along with the events that follow from this answer"), true},
       {"items", array_of(slate_item()), true},
       {"took_ms", number(), true},
       {"level",
        choice({"full", "without_source", "default_features", "popular", "editorial"},
               "how much of the machinery worked"),
        true},
       {"missing", array_of(any_text(), 0, "sources left out"), true},
       {"candidates", count(), true},
       {"dropped", map_of(count(), "filter: candidates it removed"), true},
       {"model_version", model_version(), true},
       {"cursor", nullable(any_text("for the next page; null on the last")), true}});
}

Schema item_list() {
  return object("ItemList",
                {{"items", array_of(slate_item()), true}, {"model_version", model_version(), true}});
}

Schema events_accepted() {
  Schema outcome = object("EventOutcome", {{"event_id", nullable(any_text()), true},
                                           {"status", choice({"accepted", "duplicate", "rejected"}), true},
                                           {"error", error().fields.front().schema}});
  return object("EventsAccepted", {{"accepted", count(), true},
                                   {"duplicates", count(), true},
                                   {"rejected", count(), true},
                                   {"results", array_of(std::move(outcome)), true}});
}

Schema dead_letter() {
  return object("DeadLetter", {{"id", count(), true},
                               {"reason", any_text(), true},
                               {"tries", count(), true},
                               {"event", stored_event(), true}});
}

Schema erase_report() {
  return object("Erased", {{"user_id", id(), true},
                           {"events", count("removed from the log"), true},
                           {"profile", boolean("whether there was one"), true},
                           {"features", boolean("whether there were any"), true},
                           {"dead_letters", count(), true},
                           {"impressions", count("answers that were kept with what they showed"), true},
                           {"rejected_rows", count("kept by imports, that mentioned the id"), true}});
}

Schema stats() {
  Schema model = object("Model", {{"version", any_text(), true},
                                  {"stage", any_text(), true},
                                  {"created_at", milliseconds(), true},
                                  {"metrics", map_of(nullable(number())), true},
                                  {"note", any_text(), true}});
  return object(
      "Stats",
      {{"version", any_text(), true},
       {"now", milliseconds(), true},
       {"uptime_s", number(), true},
       {"store", object({}, {{"items", count(), true}, {"users", count(), true}, {"events", count(), true}}),
        true},
       {"requests",
        object({}, {{"total", count("recommendation requests since the start"), true},
                    {"errors", count("those among them that failed"), true},
                    {"per_second", number("mean of the last 10 s"), true},
                    {"latency_ms", percentiles(), true},
                    {"levels", map_of(count()), true}}),
        true},
       {"events",
        object({}, {{"accepted", count(), true},
                    {"duplicates", count(), true},
                    {"rejected", count(), true},
                    {"per_second", number(), true},
                    {"lag", count("stored events that the speed layer has yet to apply"), true},
                    {"dead_letters", count(), true}}),
        true},
       {"impressions",
        object({}, {{"answers", count("kept with what they showed and its features"), true},
                    {"bytes", count("of them, before compression"), true},
                    {"dropped", count("since the start: too many at once, or the store failed"), true}}),
        true},
       {"sources", map_of(count("items recommended that the source proposed"), "since the start"), true},
       {"series",
        object({}, {{"step_s", count(), true},
                    {"start", count("of the first value, in seconds since 1970"), true},
                    {"requests", array_of(count()), true},
                    {"events", array_of(count()), true},
                    {"p50_ms", array_of(nullable(number())), true},
                    {"p99_ms", array_of(nullable(number())), true}}),
        true},
       {"model", nullable(model), true},
       {"model_error", nullable(any_text("why the live version or ranking.onnx is not what serves")), true},
       {"indexes",
        array_of(object({}, {{"source", any_text(), true},
                             {"kind", any_text(), true},
                             {"items", count(), true},
                             {"recall", number("share of the exact answers that are found"), true},
                             {"target_recall", number("what the index was tuned for"), true},
                             {"limit", count("the k of the recall"), true},
                             {"nprobe", count("lists that a search reads"), true},
                             {"rerank", count("candidates that are scored exactly"), true}}),
                 0, "vector indexes of the live model; none where an exact search is as fast"),
        true},
       {"models", array_of(model, 0, "newest first"), true}});
}

Schema page_of(std::string name, std::string list, Schema element) {
  return object(std::move(name),
                {{std::move(list), array_of(std::move(element)), true},
                 {"cursor", nullable(any_text("for the next page; null on the last")), true}});
}

}  // namespace winnow::schema
