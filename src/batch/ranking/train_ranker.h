// Trains the ranking part of a bundle from examples, and says how good it is on groups that it has not seen.
//
// Groups are divided: one part is learned from, the other calibrates the probabilities and judges. Then the
// ranker is trained once more on all groups, its trees for as many rounds as did best before, and keeps that
// calibration. The light ranker learns what the full
// one makes of the candidates (distillation; Hinton, Vinyals, Dean 2015).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/impressions/state_replay.h"
#include "batch/ranking/judge_ranking.h"
#include "models/ranking/ranker_model.h"
#include "models/ranking/ranking_set.h"
#include "models/ranking/train_mmoe.h"
#include "models/ranking/train_trees.h"

namespace winnow {

// Head -> what its outcome is worth.
using OutcomeWorths = std::map<std::string, double, std::less<>>;

// By head; those that are not named are worth nothing.
std::vector<float> worths(std::span<const std::string> heads, const OutcomeWorths& worth);

struct RankerOptions {
  bool network = true;  // the mixture of experts
  // Trees for every head beside it, averaged with it. What of the two is not installed is left out, and the
  // report says so.
  bool trees = true;
  TreeTrainOptions tree = {.rounds = 300,
                           .learning_rate = 0.1,
                           .depth = 4,
                           .min_child_weight = 20,
                           .l2 = 5,
                           .row_share = 0.7,
                           .column_share = 0.5,
                           .hold_out = {.folds = 1},
                           .refit = false};
  MmoeTrainOptions full = {.epochs = 30, .hold_out = {.folds = 1}, .refit = false};
  MmoeTrainOptions light = {.experts = 1,
                            .expert_hidden = 32,
                            .expert_outputs = 16,
                            .head_hidden = 8,
                            .epochs = 30,
                            .hold_out = {.folds = 1},
                            .refit = false};
  // What an outcome is worth; heads that are not named are worth nothing.
  OutcomeWorths worth = {{"click", 1}, {"watch", 2}, {"like", 4}, {"finish", 4}, {"dislike", -4}};
  CalibrationMethod calibration = CalibrationMethod::isotonic;
  double judged_share = 0.2;       // of the groups
  std::size_t least_groups = 100;  // with an outcome; with fewer there is nothing to learn an order from
  ReplayOptions replay;  // of the states behind the examples: those of the speed layer that will serve it
  std::uint64_t seed = 1;
  std::filesystem::path trainer;
  std::filesystem::path xgboost;  // the library; empty: where it usually lies
};

// invalid where neither networks nor trees are to be learned.
Status check(const RankerOptions& options);

struct RankerReport {
  std::uint64_t groups = 0;
  std::uint64_t rows = 0;
  std::string note;  // what was left out, and why
  // On the judged groups: popularity, blend, light, full, and the live version's ranker.
  RankingJudgement judgement;
  std::string examples;                    // what was learned from: "shown" or "history"
  std::uint64_t answers = 0;               // that were logged with what they showed
  std::uint64_t answers_with_outcome = 0;  // of those; 0 where they are too few to look
};

struct TrainedRanker {
  RankerModel model;
  RankerReport report;
};

// Where training stands: a step in words and its share.
using RankerProgress = std::function<bool(std::string_view step, double share)>;

// set: of all_features(). live: what serves now, judged on the same rows (which it may have learned from,
// where they are old); null: nothing does. conflict where there are too few examples; errors of the trainers.
Result<TrainedRanker> train_ranker(const RankingSet& set, const RankerOptions& options,
                                   const RankerModel* live = nullptr, const RankerProgress& progress = {});

}  // namespace winnow
