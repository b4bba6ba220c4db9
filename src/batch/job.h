// The batch job: from the event log to a live model.
//
//     extract (window) -> clean -> dataset -> parts by time -> train -> evaluate against popularity and the
//     live version
//     -> gates -> retrain on everything -> register -> promote, or reject with the reason
//
// Killed at any moment, the job leaves the live version as it was, and the next run goes on after the last
// finished step (work_folder.h) as long as the log and the options are the same. The same log, options and
// seed give the same models, byte for byte, whether the job was stopped in between or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "batch/clean/clean.h"
#include "batch/dataset/parts.h"
#include "batch/extract/extract.h"
#include "batch/job_report.h"
#include "batch/progress.h"
#include "batch/ranking/shown_examples.h"
#include "batch/ranking/train_ranker.h"
#include "batch/rollout/rollout.h"
#include "batch/train/train_models.h"
#include "batch/validate/gates.h"
#include "catalog/catalog.h"
#include "domain/feedback.h"
#include "events/event_log.h"
#include "events/impression_log.h"
#include "features/feature_store.h"
#include "models/model_index.h"
#include "registry/model_registry.h"

namespace winnow {

struct TrainOptions {
  ExtractOptions extract;
  CleanOptions clean;
  PartOptions parts;
  ModelOptions models;
  // Tried for popularity on the validation part, in days; 0 is no decay. A single one is taken as it is.
  std::vector<double> popularity_half_lives = {0, 7, 30, 90, 365};
  GateOptions gates;
  ModelIndexOptions index;
  RolloutOptions rollout;
  bool rank = false;          // train a ranker too; it goes live where it beats the blend
  RankerOptions ranker;       // its seed is that below, its trainer that of `models` unless it names one
  ShownExampleOptions shown;  // for it to learn from, where enough is logged
  // Moves the live version on to the newest events instead of training anew: nothing is chosen or judged
  // again but that the result is finite.
  bool refresh = false;
  std::uint64_t seed = 1;  // of everything random; replaces the seeds in `parts` and `models`
};

// What a job works on. All of it outlives the call.
struct JobInputs {
  const EventLog& log;
  const Catalog& catalog;  // durations and categories of items
  const FeedbackPolicy& feedback;
  ModelRegistry& registry;
  const Clock& clock;
  std::filesystem::path work_folder;  // made when missing; empty again when the job is done
  // What answers showed, and a store for users' states of the past, for a ranker to learn from; null: it
  // learns from history.
  const ImpressionLog* impressions = nullptr;
  FeatureStore* states = nullptr;
};

// The first option that is out of range, with its field ("train.window_days").
Status check(const TrainOptions& options);

// A version that a gate refuses is no error: the report says so. Errors: conflict when another job runs,
// there is nothing to learn from or no live version to refresh, unavailable when `progress` stops the job,
// and those of the log, the catalogue, the disk and the registry.
Result<JobReport> run_training(const JobInputs& inputs, const TrainOptions& options,
                               const JobProgress& progress = {});

}  // namespace winnow
