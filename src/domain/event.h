// One thing that a user did to an item, or was shown.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace winnow {

// The numbers are part of the stored formats: append only.
enum class Action : std::uint8_t {
  impression = 0,  // shown to the user
  view = 1,        // opened, looked at
  click = 2,
  like = 3,
  dislike = 4,
  watch = 5,  // value: seconds watched
  finish = 6,
  purchase = 7,  // value: price paid, or 0
  rating = 8,    // value: the rating, on the scale that [feedback] thresholds speak of
  share = 9,
  follow = 10,  // of the item's creator
  skip = 11,
  hide = 12,  // "do not show me this again"
};
inline constexpr std::size_t kActionCount = 13;

// "impression", "view", ...
std::string_view name_of(Action action);
std::optional<Action> action_named(std::string_view name);
const std::array<std::string_view, kActionCount>& action_names();

struct Event {
  std::string event_id;  // unique per store within the deduplication window
  std::string user_id;   // empty for an anonymous visitor; then session_id is set
  std::string item_id;
  Action action = Action::view;
  double value = 0;               // see Action; finite
  TimestampMs time_ms = 0;        // when it happened, by the sender's clock
  std::string session_id;         // optional for a known user
  std::string recommendation_id;  // the answer that led to this event; empty when none
  std::string context;            // a JSON object as sent, or empty
  friend bool operator==(const Event&, const Event&) = default;
};

// The place of an event in the event log. The first is 1; 0 stands before all.
using LogPosition = std::uint64_t;

// Whom the event belongs to: the user's id, or for an anonymous visitor the session's id behind a byte that
// no id may hold, so that a session never meets a user of the same name.
inline constexpr char kAnonymousPrefix = '\x1f';
std::string subject_of(std::string_view user_id, std::string_view session_id);
inline std::string subject_of(const Event& event) { return subject_of(event.user_id, event.session_id); }

// Limits that every way in (HTTP, import) enforces.
struct EventLimits {
  std::size_t max_context_bytes = 4096;
  TimestampMs max_future_ms = 10 * kMinuteMs;  // clocks of senders run ahead a little
};

// The first rule the event breaks, with its field: ids, action and value, time before 1970 or further in the
// future than the limit, context size. O(size of the event).
Status validate(const Event& event, TimestampMs now_ms, const EventLimits& limits = {});

}  // namespace winnow
