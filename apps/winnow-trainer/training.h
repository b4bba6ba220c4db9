// The training loop: steps, validation after every epoch, early stopping, checkpoints.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "models/two_tower/sequences.h"
#include "models/two_tower/two_tower.h"
#include "options.h"
#include "workers.h"

namespace winnow {

// Where training stands; called by worker 0 a few times a second and after every epoch.
struct TrainingState {
  double share = 0;         // of all work, 0 to 1; early stopping jumps to the end
  std::uint32_t epoch = 0;  // begun so far
  double loss = 0;          // mean over the epoch's positions so far
  double ndcg = -1;         // NDCG@10 of the last validation; -1: none yet, or nothing is held out
  double best_ndcg = -1;
  std::uint32_t best_epoch = 0;
  bool epoch_ended = false;
  bool budget_ended = false;  // the last report, where training would have gone on
};
using TrainingReport = std::function<void(const TrainingState&)>;

// The model of the epoch that predicts held-out items best (of the last epoch when nothing is held out), with
// probes. With options.refit what was held out is then learned too: a second run from the start over all
// actions, for as many epochs at each learning rate; half of a budget is kept for it, and when that does not
// suffice the first model stays. The same data, options and numbers of workers and threads give the same
// model on one machine type; going on from a checkpoint changes nothing. All workers call it and get the
// same. Errors: options that do not fit the data, a checkpoint that is of another run.
Result<TwoTowerWeights> train(const TrainingSequences& sequences, const TrainerOptions& options,
                              Workers& workers, const TrainingReport& report);

}  // namespace winnow
