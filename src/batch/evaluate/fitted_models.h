// The models of one evaluation, each with its parameters chosen once, and trained once on each of two parts:
// the whole training part, and what the validation cut leaves of it. In the sequence protocol the two are the
// same, and so are the models.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "batch/evaluate/model_table.h"
#include "batch/evaluate/search.h"

namespace winnow {

struct FittedModel {
  TrainedModel trained;
  double cpu_s = 0;
  double wall_s = 0;
};

class FittedModels final {
 public:
  // All outlive the value.
  FittedModels(const TrainingInput& test, const TrainingInput& validation, const StartingPoint& start)
      : test_(test), validation_(validation), start_(start) {}

  // Searches the row's parameters on the validation cut; without it the defaults hold.
  Status search(const ModelRow& row, const SearchLimits& options);

  // Trained on the whole training part, or on the validation's; the first time it is asked for.
  Result<const FittedModel*> on_test(const ModelRow& row);
  Result<const FittedModel*> on_validation(const ModelRow& row);

  bool cut_short(const ModelRow& row) const;            // the budget ended its search
  const Parameters& chosen() const { return chosen_; }  // "als.regularization" -> value

 private:
  using Kept = std::map<std::string, FittedModel>;
  Result<const FittedModel*> fit(const ModelRow& row, const TrainingInput& input, Kept& kept);
  Kept& kept_on_validation(const ModelRow& row);

  const TrainingInput& test_;
  const TrainingInput& validation_;
  const StartingPoint& start_;
  std::map<std::string, Parameters> parameters_;  // of rows that were searched
  std::map<std::string, bool> cut_short_;
  Parameters chosen_;
  Kept on_test_;
  Kept on_validation_;
};

}  // namespace winnow
