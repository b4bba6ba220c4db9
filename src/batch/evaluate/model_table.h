// The models that an evaluation knows: one row of a table for each, and nothing about any of them elsewhere.
//
// A row says how the model is called, what its parameters are, how it is trained, which of its parameters are
// worth a search, and on which data it has nothing to learn. `blend` and `best` are not rows: they are made
// of rows (evaluate.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/evaluate/data.h"
#include "batch/evaluate/split.h"
#include "batch/train/train_models.h"
#include "models/scoring_model.h"

namespace winnow {

// A model's parameters as reports and searches speak of them: "dims" -> 64.
using Parameters = std::map<std::string, double>;

// Called when a step begins: "train als", "rank blend", ... Returns false to end the evaluation.
using EvaluateProgress = std::function<bool(std::string_view step)>;

struct TrainingInput {
  const EvaluationData& data;    // the protocol, and facts about items
  const EvaluationSplit& split;  // the model learns from split.train alone
  std::uint64_t seed = 1;
  EvaluateProgress progress;      // for trainings that can say how far they are; may be empty
  std::filesystem::path trainer;  // the program that trains what this one does not; empty: beside this one
  // Nothing is chosen by this model any more, so it may learn also from what was held out to choose.
  bool for_test = false;
  double budget_s = std::numeric_limits<double>::infinity();  // wall clock of the whole evaluation

  // Says that a step begins; unavailable where that is to end the evaluation.
  Status begin(std::string_view step) const;
};

struct TrainedModel {
  std::unique_ptr<ScoringModel> model;
  Parameters parameters;  // as trained with: whatever the data decided is filled in
  std::string note;       // what the report should say of the training; mostly empty
};

// One parameter worth searching, and what to try.
struct SearchKnob {
  std::string parameter;
  std::vector<double> values;
  bool factors = false;      // the values multiply the start
  bool needs_times = false;  // searched only where histories have times
};

struct ModelRow {
  std::string name;
  std::function<Parameters(const ModelOptions&)> defaults;
  std::function<Result<TrainedModel>(const TrainingInput&, const Parameters&)> train;
  std::vector<SearchKnob> knobs;
  bool always_search = false;  // cheap: also without being asked to tune
  bool refits = false;         // heeds TrainingInput::for_test where the protocol is `sequence`
  // Why the model has nothing to learn from such data; none when it has. Empty: it always has.
  std::function<std::optional<std::string>(const TrainingInput&)> unfit = {};
  // Roughly the CPU seconds of one training on an ordinary core: for the estimate and the budget only.
  std::function<double(const TrainingInput&, const Parameters&)> train_seconds = {};
};

// All rows, in the order in which they are listed to people.
std::vector<ModelRow> model_table();

// The settings that an evaluation starts from.
struct StartingPoint {
  ModelOptions options;
  Parameters overrides;  // "als.dims" -> 128: stronger than the options

  Parameters of(const ModelRow& row) const;
  // Whether every override names a parameter of some row; the error names the nearest.
  Status check(const std::vector<ModelRow>& table) const;
};

// The row of a name; null for another.
const ModelRow* find_row(const std::vector<ModelRow>& table, std::string_view name);

}  // namespace winnow
