#include "domain/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace winnow {

const std::array<std::string_view, kActionCount>& action_names() {
  static constexpr std::array<std::string_view, kActionCount> kNames = {
      "impression", "view",   "click", "like",   "dislike", "watch", "finish",
      "purchase",   "rating", "share", "follow", "skip",    "hide"};
  return kNames;
}

std::string_view name_of(Action action) { return action_names()[static_cast<std::size_t>(action)]; }

std::optional<Action> action_named(std::string_view name) {
  const auto& names = action_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Action>(found - names.begin());
}

std::string subject_of(std::string_view user_id, std::string_view session_id) {
  if (!user_id.empty()) return std::string(user_id);
  std::string subject(1, kAnonymousPrefix);
  subject.append(session_id);
  return subject;
}

Status validate(const Event& event, TimestampMs now_ms, const EventLimits& limits) {
  if (event.user_id.empty() && event.session_id.empty()) {
    return Error{ErrorCode::invalid, "the event has neither user_id nor session_id: give one of them",
                 "user_id"};
  }
  if (!event.user_id.empty()) WINNOW_RETURN_IF_ERROR(check_id(event.user_id, "user_id"));
  if (!event.session_id.empty()) WINNOW_RETURN_IF_ERROR(check_id(event.session_id, "session_id"));
  WINNOW_RETURN_IF_ERROR(check_id(event.item_id, "item_id"));
  if (!event.event_id.empty()) WINNOW_RETURN_IF_ERROR(check_id(event.event_id, "event_id"));
  if (!event.recommendation_id.empty()) {
    WINNOW_RETURN_IF_ERROR(check_id(event.recommendation_id, "recommendation_id"));
  }
  if (!std::isfinite(event.value)) {
    return Error{ErrorCode::invalid, "value is not a finite number", "value"};
  }
  if (event.value < 0 && (event.action == Action::watch || event.action == Action::purchase)) {
    return Error{ErrorCode::invalid,
                 fmt::format("value is {}: a {} cannot be negative", event.value, name_of(event.action)),
                 "value"};
  }
  if (event.time_ms < 0) {
    return Error{ErrorCode::invalid,
                 fmt::format("timestamp is {}: give milliseconds since 1970-01-01 UTC", event.time_ms),
                 "timestamp"};
  }
  if (event.time_ms > now_ms + limits.max_future_ms) {
    return Error{
        ErrorCode::invalid,
        fmt::format("timestamp {} lies {} s in the future: give milliseconds since 1970-01-01 UTC and "
                    "check the sender's clock",
                    event.time_ms, (event.time_ms - now_ms) / kSecondMs),
        "timestamp"};
  }
  if (event.context.size() > limits.max_context_bytes) {
    return Error{
        ErrorCode::invalid,
        fmt::format("context has {} bytes: the limit is {}", event.context.size(), limits.max_context_bytes),
        "context"};
  }
  return {};
}

}  // namespace winnow
