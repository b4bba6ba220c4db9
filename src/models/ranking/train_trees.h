// Training of gradient-boosted trees through XGBoost's library (xgboost_library.h), along gradients of our
// own.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "models/gbdt/tree_model.h"
#include "models/gbdt/xgboost_library.h"
#include "models/ranking/held_out_groups.h"
#include "models/ranking/ranking_set.h"
#include "models/trainer_process.h"

namespace winnow {

enum class TreeObjective : std::uint8_t {
  logistic,    // probabilities: the cross-entropy with the labels, soft ones too, by weight
  lambdamart,  // order within groups: scores without a scale (lambda_gradients.h)
};

// Ranges in brackets.
struct TreeTrainOptions {
  TreeObjective objective = TreeObjective::logistic;
  std::uint32_t head = 0;  // of the set's heads, the one to learn

  std::uint32_t rounds = 500;  // trees at most [1, 100000]
  std::uint32_t patience =
      30;  // rounds without a better prediction of held-out groups before the end [1, 100000]
  double learning_rate = 0.05;  // (0, 1]
  std::uint32_t depth = 6;      // of a tree [1, 16]
  double min_child_weight = 1;  // least sum of hessians in a leaf [0, 1e6]
  double l2 = 1;                // of leaf values [0, 1e6]
  double row_share = 1;         // of rows that a tree sees (0, 1]
  double column_share = 1;      // of features that a tree sees (0, 1]
  std::uint32_t bins = 256;     // of a feature's values [2, 65536]

  std::uint32_t ndcg_k = 10;      // lambdamart: held-out groups are judged by NDCG@k [1, 1000]
  std::uint32_t truncation = 30;  // lambdamart: pairs with a row among the first so many [1, 10000]
  double grades = 1;              // lambdamart: a label y is worth 2^(grades y) - 1 [0.01, 30]

  HoldOut hold_out;   // where no group can be held out, all rounds are learned
  bool refit = true;  // then learn again from all groups, for as many rounds; with folds always

  std::uint64_t seed = 1;  // of row_share and column_share, and of what is held out
  std::uint32_t threads = 1;
};

// A model of set.features.size() features and one output: the probability of the head (link logistic), or
// with lambdamart a score. Missing values (NaN) find their way themselves. Rows of unknown label are left
// out. Errors: invalid, of options or a set that fails its check or has no rows of the head; what XGBoost
// says; unavailable when `progress` ended it.
Result<TreeModel> train_trees(const RankingSet& set, const TreeTrainOptions& options,
                              const XgboostLibrary& library, const TrainerProgress& progress = {});

}  // namespace winnow
