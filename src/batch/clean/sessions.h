// Sessions: a user's events with no pause longer than the stated one between them.
//
// A page that is loaded again, or a video that reports its progress five times, is one deed: within a
// session, of the same action on the same item only the strongest event stays (the greatest value; the newest
// of equals).
#pragma once

#include <cstdint>

#include "batch/extract/event_columns.h"

namespace winnow {

struct WithoutRepeats {
  EventColumns events;
  std::uint64_t sessions = 0;
  std::uint64_t removed = 0;
};

// A rating is the exception: the newest one holds, because people change their mind. A pause of 0 minutes
// makes every event a session of its own. events: by user and time. O(n log n of a session).
WithoutRepeats remove_repeats(EventColumns events, double session_minutes);

}  // namespace winnow
