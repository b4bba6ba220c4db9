// Bots: a subject that acts faster than people do says nothing about taste, so all of its events are left
// out.
#pragma once

#include <cstdint>

#include "batch/extract/event_columns.h"

namespace winnow {

struct WithoutBots {
  EventColumns events;
  std::uint64_t bots = 0;     // subjects left out
  std::uint64_t removed = 0;  // their events
};

// A bot has more than `events_per_minute` events within some 60 seconds, impressions aside: those are our
// doing. 0 keeps everybody. events: by user and time. O(n).
WithoutBots remove_bots(EventColumns events, std::uint32_t events_per_minute);

}  // namespace winnow
