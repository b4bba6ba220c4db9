// Training of multi-task rankers by winnow-trainer. A light ranker is such a model too: one expert over few
// features.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "models/multitask/mmoe_model.h"
#include "models/ranking/held_out_groups.h"
#include "models/ranking/ranking_set.h"
#include "models/trainer_process.h"

namespace winnow {

// What the trainer is asked for; it refuses what is out of the ranges in brackets. The loss is, per head,
// the binary cross-entropy with the labels (soft ones too; unknown ones are left out), each row by its
// weight; order within a group, where it counts most, can be learned as such (listwise_share).
struct MmoeTrainOptions {
  std::uint32_t experts = 4;          // [1, 64]
  std::uint32_t expert_hidden = 64;   // [1, 4096]
  std::uint32_t expert_outputs = 32;  // [1, 4096]
  std::uint32_t head_hidden = 16;     // [1, 4096]

  std::uint32_t epochs = 30;   // at most [1, 100000]
  std::uint32_t patience = 3;  // epochs without a better loss on held-out groups before the end [1, 1000]
  std::uint32_t batch_rows = 2048;  // about: groups are not divided, but for larger ones [1, 1e6]
  double learning_rate = 3e-3;      // of AdamW, after a warm-up of 100 steps [1e-8, 1]
  double weight_decay = 0.01;       // of matrices, decoupled (AdamW) [0, 10]
  double l2 = 0;         // half of it times the squared norm of matrices is added to the loss [0, 10]
  double dropout = 0.1;  // of the experts' hidden layer and outputs [0, 0.95]
  std::vector<double> head_weights;  // of the heads' losses; empty: all 1 [0, 1e6]
  // Of the loss, the share that is the cross-entropy of a softmax over each group's rows with the labels of
  // listwise_head (ListNet, Cao et al. 2007): what is compared is within the group. Scaled so that both kinds
  // of loss pull about alike. [0, 1]
  double listwise_share = 0;
  std::uint32_t listwise_head = 0;

  // Training ends when held-out groups are predicted no better. Where none can be, all epochs are learned.
  HoldOut hold_out;
  bool refit = true;  // then learn again from all groups, for as many epochs; with folds always

  double budget_s = 0;     // end after about that many seconds; 0: no bound
  std::uint64_t seed = 1;  // the same seed gives the same model on one machine type
  std::uint32_t threads = 1;
};

// A model of set.features.size() inputs and a head for each of set.heads. Features are standardised within
// (mean 0, deviation 1 over the rows, or where there are two values only, a distance of 2; missing ones are
// the mean, columns that never change 0), and the transform is folded into the model: it takes the features
// as they are. It holds 256 rows of the set as sample, missing values filled. Errors: invalid, of a set that
// fails its check or has no rows; what the trainer said; unavailable when `progress` ended it. Time: about 6
// x weights floating-point operations per row and epoch.
Result<MmoeModel> train_mmoe(const RankingSet& set, const MmoeTrainOptions& options,
                             const std::filesystem::path& trainer, const TrainerProgress& progress = {});

}  // namespace winnow
