// The cleaning steps in order, with a count of what each left out.
#pragma once

#include <cstdint>
#include <span>

#include "batch/clean/pairs.h"
#include "batch/extract/event_columns.h"
#include "domain/feedback.h"

namespace winnow {

struct CleanOptions {
  std::uint32_t bot_events_per_minute = 100;  // a subject with more in some 60 seconds is a bot; 0: nobody is
  double session_minutes = 30;                // a longer pause ends a session
  std::uint32_t daily_cap = 50;               // events of a user and day; 0: no cap
  double decay_per_day = 0.005;               // lambda of e^(-lambda x days): half after 139 days
};

// events = by_bots + repeats + silent + over_cap + merged + by_dislike + pairs.
struct CleanReport {
  std::uint64_t events = 0;   // that came in
  std::uint64_t bots = 0;     // subjects
  std::uint64_t by_bots = 0;  // events
  std::uint64_t sessions = 0;
  std::uint64_t repeats = 0;     // events, within a session
  std::uint64_t silent = 0;      // events without weight or signal
  std::uint64_t over_cap = 0;    // events beyond a user's daily cap
  std::uint64_t merged = 0;      // events that joined a pair
  std::uint64_t disliked = 0;    // pairs
  std::uint64_t by_dislike = 0;  // events about those pairs
  std::uint64_t pairs = 0;       // that are left
};

struct Cleaned {
  Pairs pairs;
  CleanReport report;
};

// events: by user and time. durations_s: by item row, as in weigh.
Cleaned clean(EventColumns events, const FeedbackPolicy& feedback, std::span<const double> durations_s,
              const CleanOptions& options);

}  // namespace winnow
