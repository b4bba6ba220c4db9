#include "batch/impressions/build.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "batch/impressions/event_stream.h"
#include "batch/impressions/join.h"

namespace winnow {

namespace {

LogPosition last_of(const TrainingSetInputs& inputs) {
  return inputs.last > 0 ? inputs.last : inputs.log.statistics().last;
}

// Of all that the rows depend on, but for the bytes of the log and of the catalogue: their extent stands for
// them.
std::uint64_t identity_of(const TrainingSetInputs& inputs, const TrainingSetOptions& options,
                          const Heads& heads, const LogScan& scan, std::uint32_t item_indexes) {
  ByteWriter out;
  const LogStatistics log = inputs.log.statistics();
  for (const std::uint64_t number :
       {log.first, last_of(inputs), scan.events, scan.impressions, std::uint64_t{item_indexes},
        inputs.catalog.item_count(), inputs.feedback.fingerprint(), schema_fingerprint(inputs.feature_names),
        options.seed, std::uint64_t{options.implicit_negatives},
        std::uint64_t{options.position_bias.max_places}}) {
    out.fixed(number);
  }
  out.fixed(options.source);
  out.fixed(options.served_only);
  out.fixed(options.whole_windows);
  out.fixed(options.thinning.whole_groups);
  for (const double number :
       {options.window_days, options.answers_share, options.thinning.negatives_kept,
        options.position_bias.prior_impressions, options.replay.user.affinity_half_life_days,
        options.replay.items.popular_half_life_days, options.replay.items.trending_fast_hours,
        options.replay.items.trending_slow_days, options.replay.items.prior_strength}) {
    out.fixed(number);
  }
  for (const TimestampMs time_ms : {scan.oldest_ms, scan.newest_ms, options.late_ms, options.group_gap_ms,
                                    options.replay.user.seen_ttl_ms}) {
    out.fixed(time_ms);
  }
  heads.write(out);
  return hash64(out.bytes());
}

}  // namespace

Status check(const TrainingSetOptions& options) {
  const auto wrong = [](std::string_view field, std::string_view why) {
    return Error{ErrorCode::invalid, fmt::format("training_set.{} {}", field, why),
                 fmt::format("training_set.{}", field)};
  };
  if (!(options.window_days >= 0)) return wrong("window_days", "is below 0: give days, or 0 for all");
  if (options.late_ms < 0) return wrong("late_hours", "is below 0");
  if (options.group_gap_ms < 0) return wrong("group_gap_seconds", "is below 0");
  if (options.implicit_negatives == 0) return wrong("implicit_negatives", "is 0: give at least 1");
  if (!(options.thinning.negatives_kept >= 0 && options.thinning.negatives_kept <= 1)) {
    return wrong("negatives_kept", "is not in [0, 1]: give a share, or 0 for one to one");
  }
  if (!(options.position_bias.least_propensity > 0 && options.position_bias.least_propensity <= 1)) {
    return wrong("least_propensity", "is not in (0, 1]");
  }
  if (!(options.answers_share > 0 && options.answers_share <= 1)) {
    return wrong("answers_share", "is not in (0, 1]");
  }
  return Heads::parse(options.heads).ok() ? Status() : Status(Heads::parse(options.heads).error());
}

Result<TrainingSetResult> build_training_set(const TrainingSetInputs& inputs,
                                             const TrainingSetOptions& options, const JobProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check(options));
  WINNOW_TRY(const Heads heads, Heads::parse(options.heads));
  const LogPosition last = last_of(inputs);
  WINNOW_TRY(const LogScan scan, scan_log(inputs.log, last, progress));
  const bool implicit = options.source == TrainingSetOptions::Source::implicit ||
                        (options.source == TrainingSetOptions::Source::automatic && scan.impressions == 0);
  WINNOW_TRY(const std::unique_ptr<StateReplay> replay,
             StateReplay::start(inputs.catalog, inputs.feedback, inputs.states, options.replay));
  std::unique_ptr<EventStream> stream = by_position(inputs.log, last);
  if (!scan.in_order_of_time()) {
    WINNOW_TRY(stream, by_time(inputs.log, last));
  }
  TrainingSetOptions effective = options;
  if (implicit) effective.thinning.negatives_kept = 1;  // they were drawn, and their share says nothing
  const std::uint64_t identity = identity_of(inputs, effective, heads, scan, replay->items().size());
  Join join(inputs, effective, heads, *replay, scan, implicit, identity);
  WINNOW_RETURN_IF_ERROR(join.run(*stream, progress));
  TrainingSetResult result = join.finish();
  if (result.set.ranking.rows() == 0) {
    if (implicit) {
      return Error{ErrorCode::conflict,
                   "the log holds no liked item to learn from: import events, or check [feedback]"};
    }
    if (scan.impressions == 0) {
      return Error{ErrorCode::conflict,
                   "the log holds no impression to learn from: send what was shown as events of the action "
                   "impression, or learn from what users turned to (training_set.source = \"implicit\")"};
    }
    return Error{ErrorCode::conflict,
                 "the log holds no impression in the window to learn from: widen training_set.window_days"};
  }
  WINNOW_RETURN_IF_ERROR(result.set.ranking.check());
  return result;
}

}  // namespace winnow
