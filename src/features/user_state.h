// What the speed layer knows of one subject (user or anonymous session), derived from the event log alone.
//
// A value: the speed layer builds the next one from the last one and an event; requests read immutable
// copies. Encoding: docs/formats/user_state.md. The same events in the same order give the same bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/feedback.h"
#include "domain/item.h"

namespace winnow {

// One event of the history.
struct Interaction {
  ItemIndex item = kNoItem;
  Action action = Action::view;
  Signal signal = Signal::neutral;
  float weight = 0;  // FeedbackPolicy::evidence of the event
  TimestampMs time_ms = 0;
  std::uint32_t session = 0;  // hash of the session id; 0 when none
  friend bool operator==(const Interaction&, const Interaction&) = default;
};

// What the user has done with an item, over all time that is kept.
struct SeenItem {
  enum Flag : std::uint8_t { shown = 1, engaged = 2, purchased = 4, hidden = 8, disliked = 16, liked = 32 };
  ItemIndex item = kNoItem;
  std::uint8_t flags = 0;
  TimestampMs received_ms = 0;  // of the newest event about it: the TTL runs from here
  friend bool operator==(const SeenItem&, const SeenItem&) = default;
};

// Liking of a category or creator, decayed to `time_ms`.
struct Affinity {
  NameKey key = 0;
  float positive = 0;
  float negative = 0;
  TimestampMs time_ms = 0;
  friend bool operator==(const Affinity&, const Affinity&) = default;
};

struct UserState {
  static constexpr std::size_t kHistory = 100;
  static constexpr std::size_t kMaxSeen = 10'000;  // newest kept
  static constexpr std::size_t kMaxAffinities = 200;

  std::vector<Interaction> history;  // oldest first, the last kHistory that carry a weight or a signal
  std::vector<SeenItem> seen;        // by item
  std::vector<Affinity> categories;  // by key
  std::vector<Affinity> creators;    // by key
  std::vector<NameKey> follows;      // creators followed through events, ascending
  std::uint64_t events = 0;          // all that were applied
  TimestampMs last_ms = 0;
  friend bool operator==(const UserState&, const UserState&) = default;

  const SeenItem* find_seen(ItemIndex item) const;  // O(log seen); null when never seen
  bool has_acted_on(ItemIndex item) const;          // more than that it was shown

  std::string encode() const;
  static Result<UserState> decode(std::string_view bytes);
};

}  // namespace winnow
