// learn_ranker: the ranker of a training job. Examples are what answers showed, where enough of that is
// logged, else what the validation part's users would have been shown; what is learned ranks only where its
// order is better than the blend's.
#pragma once

#include <memory>
#include <optional>
#include <string>

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
  LogPosition last = 0;               // of the log
  const RankerModel* live = nullptr;  // judged beside the new one
};

struct LearnedRanker {
  std::shared_ptr<const RankerModel> model;  // null where the blend ranks
  std::optional<RankerReport> report;        // none where none was trained
  std::string note;                          // why the blend ranks, or what the ranker lacks
};

// Too little to learn from, or nothing to learn with, is no error: the note says so. unavailable when
// `progress` stops it.
Result<LearnedRanker> learn_ranker(const RankerJob& job, const TrainProgress& progress);

}  // namespace winnow
