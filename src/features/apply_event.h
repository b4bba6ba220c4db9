// apply_event: the next state of a user, from the last one and an event. Pure, and deterministic: requests
// and training sets see the same states.
#pragma once

#include <span>

#include "domain/event.h"
#include "domain/feedback.h"
#include "domain/item.h"
#include "features/item_statistics.h"
#include "features/user_state.h"

namespace winnow {

struct UserStateOptions {
  TimestampMs seen_ttl_ms = 90 * kDayMs;  // from arrival; entries older than this are forgotten
  double affinity_half_life_days = 30;    // of category and creator counters
};

// An event with everything that applying it needs.
struct ResolvedEvent {
  ItemIndex item = kNoItem;
  ItemTraits traits;  // of the item
  Action action = Action::view;
  Signal signal = Signal::neutral;
  float weight = 0;
  TimestampMs time_ms = 0;
  TimestampMs received_ms = 0;
  std::uint32_t session = 0;
};

// What an event means to its user's state and its item's counters. received_ms: its arrival in the log.
ResolvedEvent resolve(const Event& event, TimestampMs received_ms, ItemIndex item, const ItemTraits& traits,
                      const FeedbackPolicy& feedback);
// The same event as item statistics count it. country: of the user; 0 when unknown.
ItemEvent item_event(const ResolvedEvent& event, NameKey country);

// A follow is of the item's creator: without one the event cannot be applied.
inline bool can_apply(Action action, const ItemTraits& traits) {
  return action != Action::follow || traits.creator != 0;
}

// Updates history, seen set, counters and follows. O(history + seen). Events may come out of order in time.
void apply_event(UserState& state, const ResolvedEvent& event, const UserStateOptions& options);

// The seen flag that an action sets.
std::uint8_t seen_flag(Action action, Signal signal);

// 0 for an empty session id.
std::uint32_t session_hash(std::string_view session_id);

}  // namespace winnow
