#include "batch/clean/clean.h"

#include <utility>

#include "batch/clean/bots.h"
#include "batch/clean/daily_cap.h"
#include "batch/clean/decay.h"
#include "batch/clean/sessions.h"
#include "batch/clean/weights.h"

namespace winnow {

Cleaned clean(EventColumns events, const FeedbackPolicy& feedback, std::span<const double> durations_s,
              const CleanOptions& options) {
  CleanReport report{.events = events.size()};

  WithoutBots people = remove_bots(std::move(events), options.bot_events_per_minute);
  report.bots = people.bots;
  report.by_bots = people.removed;

  WithoutRepeats deeds = remove_repeats(std::move(people.events), options.session_minutes);
  report.sessions = deeds.sessions;
  report.repeats = deeds.removed;

  Weighed weighed = weigh(std::move(deeds.events), feedback, durations_s);
  report.silent = weighed.removed;

  Capped capped = cap_days(std::move(weighed.evidence), options.daily_cap);
  report.over_cap = capped.removed;

  Merged merged = merge_pairs(decay(std::move(capped.evidence), options.decay_per_day));
  report.merged = merged.merged;
  report.disliked = merged.disliked;
  report.by_dislike = merged.by_dislike;
  report.pairs = merged.pairs.size();
  return {std::move(merged.pairs), report};
}

}  // namespace winnow
