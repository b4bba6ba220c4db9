// Examples for rankers from what answers showed: the very features that were served, sources' scores
// included, and what came of each item.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "batch/impressions/build.h"
#include "batch/progress.h"
#include "catalog/catalog.h"
#include "domain/feedback.h"
#include "events/event_log.h"
#include "events/impression_log.h"
#include "features/feature_store.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// All of it outlives the call.
struct ShownInputs {
  const EventLog& log;
  const Catalog& catalog;
  const FeedbackPolicy& feedback;
  const ImpressionLog& served;
  FeatureStore& states;  // of this work alone; empty again when it is done
  LogPosition last = 0;  // of the log; what follows is not read
};

struct ShownExampleOptions {
  TrainingSetOptions set;      // heads, windows and how states are derived
  std::uint64_t least = 2000;  // answers with an outcome that it takes
  // Answers that are looked at, drawn evenly where there are more: 600 bytes a row of them.
  std::uint64_t most = 50'000;
};

struct ShownExamples {
  RankingSet set;                  // of all_features(); empty where there are too few
  std::uint64_t answers = 0;       // that are logged
  std::uint64_t with_outcome = 0;  // of those that were looked at: with a click, or the first head
};

// A group for each answer of which impressions came back: whole where something came of it, of the others an
// even share that weighs for all. The log of events is read only where enough answers are logged. Errors:
// unavailable when `progress` stops it, and those of the ports.
Result<ShownExamples> shown_examples(const ShownInputs& inputs, const ShownExampleOptions& options,
                                     const JobProgress& progress = {});

}  // namespace winnow
