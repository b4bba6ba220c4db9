// A request for recommendations, and its answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/event.h"

namespace winnow {

struct Query {
  std::string user_id;     // empty for an anonymous visitor
  std::string session_id;  // optional for a known user
  std::string surface = "home";
  std::size_t count = 20;               // items wanted, 1 to kMaxCount
  std::vector<std::string> exclude;     // item ids not to show
  std::vector<std::string> categories;  // when not empty: only items in one of them
  std::string country;                  // overrides the profile's
  std::string context_item;             // the item on screen
  std::vector<Event> session_events;    // actions so new that they are not in the log
  std::string cursor;                   // of the page before
  TimestampMs now_ms = 0;
  double deadline_s = 0;   // steady_seconds() by which to answer
  std::uint64_t seed = 0;  // of everything random in this request
  static constexpr std::size_t kMaxCount = 500;
};

// Why an item is here, for people. `because_item` is set for reasons that point at one.
struct Reason {
  // A string literal: "similar_to", "taste", "popular", "popular_in_category", "popular_in_country",
  // "trending", "new", "followed", "content", "next".
  std::string_view code;
  std::string text;  // "Because you liked Toy Story (1995)"
  std::string because_item;
};

struct SlateItem {
  std::string item_id;
  float score = 0;  // of this answer's ranking; comparable within one answer only
  Reason reason;
  // Every source that proposed the item, with its own score. Names are string literals of the sources.
  std::vector<std::pair<std::string_view, float>> sources;
};

// How much of the answer's machinery worked, best first. The numbers are exported as a metric.
enum class Level : std::uint8_t {
  full = 0,              // everything asked for
  without_source = 1,    // a source failed or ran out of time; `missing` names it
  default_features = 2,  // the user's features could not be read
  popular = 3,           // no model is live: lists and what goes together in the stream
  editorial = 4,         // nothing to go on: any available items, newest first
};
std::string_view name_of(Level level);

struct Response {
  std::string recommendation_id;
  std::vector<SlateItem> items;
  Level level = Level::full;
  std::vector<std::string> missing;              // sources left out
  std::size_t candidates = 0;                    // ranked: what the sources brought and filters left
  std::map<std::string, std::uint64_t> dropped;  // filter -> candidates it removed
  std::string model_version;                     // empty when none is live
  std::string cursor;                            // for the next page; empty when there is none
  double took_ms = 0;
};

}  // namespace winnow
