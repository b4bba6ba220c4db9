// What an evaluation will do, worked out before it begins: which models are trained, what that should cost,
// and how a budget of time is shared among the searches.
#pragma once

#include <string>
#include <vector>

#include "batch/evaluate/evaluate.h"
#include "batch/evaluate/model_table.h"

namespace winnow {

struct EvaluationPlan {
  struct Cost {
    double fixed_s = 0;   // training for the test part, for the validation cut where weights are learned
    double search_s = 0;  // all trials of a search
  };

  std::vector<std::string> reports;      // names in the order of the report, popular_decayed included
  std::vector<const ModelRow*> trained;  // in the order of the table; only those that fit the data
  std::vector<const ModelRow*> blended;  // of them, what requests use
  std::vector<Cost> costs;               // as trained
  double ranking_s = 0;                  // all rankings of test users together
  double budget_s = 0;

  double estimated_seconds() const;
  // What this row's search may take when `spent_s` are gone: its share, by cost, of what trainings and
  // rankings leave of the budget and the searches before it have not used.
  double search_share(const ModelRow& row, double spent_s) const;
};

// table outlives the plan. validation: of the data.
EvaluationPlan plan_of(const std::vector<ModelRow>& table, const TrainingInput& validation,
                       const EvaluateOptions& options);

}  // namespace winnow
