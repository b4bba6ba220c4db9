// build_training_set: from the log to what rankers learn from.
//
//     scan -> one pass: replay states, open a group at each moment, attribute outcomes, close -> thin ->
//     weigh
//
// A moment is a place in the log: features are asked for there and never again, so nothing that follows can
// change them; what an answer logged when it was served is taken as it is. Where the log holds impressions,
// the groups are what was shown; where it holds none (a fresh import), each item that a user turns to is a
// group with items drawn by popularity that the user had not seen.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/impressions/heads.h"
#include "batch/impressions/position_bias.h"
#include "batch/impressions/row_collector.h"
#include "batch/impressions/state_replay.h"
#include "batch/impressions/training_set.h"
#include "batch/progress.h"
#include "catalog/catalog.h"
#include "catalog/item_table.h"
#include "domain/feedback.h"
#include "events/event_log.h"
#include "events/impression_log.h"
#include "features/feature_store.h"

namespace winnow {

// What stood at the moment: all of it as of before anything was shown. Valid during the call.
struct ImpressionMoment {
  std::string_view subject;
  std::string_view session_id;         // may be empty
  std::string_view recommendation_id;  // may be empty
  std::string_view surface;            // may be empty
  TimestampMs time_ms = 0;
  LogPosition position = 0;  // of the log's record that comes next
  const UserState& user;
  const ItemStatistics& statistics;
  const ItemSnapshot& catalog;       // as it is now, not then: descriptions are taken as they are
  std::span<const ItemIndex> items;  // shown, or drawn
};

// Fills items x features, row-major: finite, or NaN for a missing value.
using MomentFeatures = std::function<Status(const ImpressionMoment&, std::span<float> rows)>;

struct TrainingSetOptions {
  enum class Source : std::uint8_t { automatic, impressions, implicit };
  Source source = Source::automatic;  // automatic: implicit where the log holds no impression
  std::vector<HeadOptions> heads = default_heads();
  double window_days = 90;        // groups of so many days before the newest event; 0: all
  TimestampMs late_ms = kHourMs;  // an outcome may arrive so long after its window
  TimestampMs group_gap_ms = kSecondMs;
  std::size_t implicit_negatives = 10;  // a liked item's companions
  ThinningOptions thinning;             // of impressions
  // A label is known once its window is over. Without, what has happened by then is known already, and the
  // newest rows look better than they are. Implicit sets wait for nothing: all their labels are known.
  bool whole_windows = false;
  // Only what was logged when it was served, its features with it: rows whose sources' scores are known.
  bool served_only = false;
  double answers_share = 1;  // of the answers, drawn evenly by a hash of their ids
  PositionBiasOptions position_bias;
  ReplayOptions replay;
  std::uint64_t checkpoint_events = 1 << 18;  // at least so many between two checkpoints
  std::uint64_t seed = 1;                     // of everything random; replaces the seed in `thinning`
};

struct TrainingSetReport {
  bool implicit = false;
  bool by_time = false;  // the log's order is not that of time
  std::uint64_t events = 0;
  std::uint64_t impressions = 0;
  std::uint64_t not_applied = 0;     // events that the speed layer lays aside
  std::uint64_t outcomes = 0;        // events that a row took
  std::uint64_t rows_as_served = 0;  // with the features that were served, before thinning
  std::uint64_t outcomes_early = 0;  // labels above 0 whose window is not over, before thinning
  std::uint64_t rows_seen = 0;       // before thinning
  std::uint64_t rows_with_outcome = 0;
  std::uint64_t explored = 0;       // impressions at random places
  bool weighted_by_place = false;   // else all weights are 1
  std::vector<std::string> places;  // by surface: the propensities of the first places, for people to read
};

struct TrainingSetResult {
  TrainingSet set;
  TrainingSetReport report;
};

// All of it outlives the call.
struct TrainingSetInputs {
  const EventLog& log;
  const Catalog& catalog;
  const FeedbackPolicy& feedback;
  FeatureStore& states;  // of training sets alone; it keeps how far a run that was stopped had come
  std::vector<std::string> feature_names;
  MomentFeatures features;
  const ImpressionLog* served = nullptr;  // what answers showed; its features are taken where they are these
  LogPosition last = 0;                   // what follows it in the log is not read; 0: its present end
};

// The first option that is out of range, with its field ("training_set.window_days").
Status check(const TrainingSetOptions& options);

// Reads the log to its end. O(events x (log open groups + features of their rows)). Memory: the open
// groups, the final rows and, in `states`, the users. Run again after it was stopped or killed, with the same
// `states`, log and options, it goes on and ends in the same bytes. Errors: conflict where there is nothing
// to learn from, unavailable where `progress` stops it, invalid where features are infinite, and those of the
// ports and of `features`.
Result<TrainingSetResult> build_training_set(const TrainingSetInputs& inputs,
                                             const TrainingSetOptions& options,
                                             const JobProgress& progress = {});

}  // namespace winnow
