// Trains a mixture of experts on a ranking set: how many epochs to learn is found on held-out groups, then
// all groups are learned from.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "mmoe_options.h"
#include "models/multitask/mmoe_model.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// Where training stands; reported a few times a second and after every epoch.
struct MmoeTrainingState {
  double share = 0;         // of all work, 0 to 1; early stopping jumps ahead
  std::uint32_t epoch = 0;  // ended so far
  double loss = 0;          // mean over rows, of the last epoch
  double held_out = -1;     // mean over held-out rows; -1: nothing is held out
  std::uint32_t best_epoch = 0;
  bool refit = false;  // the epochs are found, and all is learned again
  bool epoch_ended = false;
  bool budget_ended = false;  // the last report, where training would have gone on
};
using MmoeTrainingReport = std::function<void(const MmoeTrainingState&)>;

// As train_mmoe promises; going on from a checkpoint changes nothing. Errors: options that do not fit the
// set, a checkpoint that is of another run (conflict) or damaged (corrupt).
Result<MmoeModel> train(const RankingSet& set, const MmoeTrainerOptions& options,
                        const MmoeTrainingReport& report);

}  // namespace winnow
