// Events become evidence: how much each one says for its item, or that it says no.
//
// The rules are those of FeedbackPolicy, the same as the speed layer's, so that training and serving mean the
// same by "liked".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "batch/extract/event_columns.h"
#include "domain/feedback.h"

namespace winnow {

struct Evidence {
  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> weight;  // > 0, or 0 for a negative signal
  std::vector<Signal> signal;
  std::vector<Action> action;
  std::vector<TimestampMs> time_ms;

  std::size_t size() const { return user.size(); }
};

struct Weighed {
  Evidence evidence;          // in the order of the events
  std::uint64_t removed = 0;  // events that say nothing: no weight and no signal (impressions, a rating of 3)
};

// durations_s: by item row, 0 where unknown; may be empty. O(n).
Weighed weigh(EventColumns events, const FeedbackPolicy& feedback, std::span<const double> durations_s);

}  // namespace winnow
