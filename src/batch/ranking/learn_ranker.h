// learn_ranker: the ranker of a training job. Examples are what answers showed, where enough of that is
// logged, else what the validation part's users would have been shown. What is learned ranks where its order
// is surely better than the blend's; else the live version's ranker stays where it is, and the blend ranks
// where neither is, so that a version never goes live without a ranker because one could not be trained.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "batch/job.h"
#include "batch/job_steps.h"
#include "batch/ranking/train_ranker.h"
#include "batch/train/train_models.h"

namespace winnow {

// All of it outlives the call.
struct RankerJob {
  const JobInputs& in;
  const TrainOptions& options;
  const Dataset& data;
  const Parts& parts;
  const Fitted& fitted;
  LogPosition last = 0;                     // of the log
  std::shared_ptr<const RankerModel> live;  // judged beside the new one; null where none is live
};

struct LearnedRanker {
  std::shared_ptr<const RankerModel> model;  // null where the blend ranks
  std::optional<RankerReport> report;        // none where none was trained
  std::string note;                          // why none was learned, or what the ranker lacks
};

// The live version's ranker, or the blend, in place of one that is not learned: `reason`.
LearnedRanker live_ranker_stays(std::shared_ptr<const RankerModel> live, std::string_view reason);

// Too little to learn from, or nothing to learn with, is no error: the note says so. unavailable when
// `progress` stops it.
Result<LearnedRanker> learn_ranker(const RankerJob& job, const TrainProgress& progress);

}  // namespace winnow
