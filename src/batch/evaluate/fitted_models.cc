#include "batch/evaluate/fitted_models.h"

#include <utility>

#include "base/clock.h"

namespace winnow {

Status FittedModels::search(const ModelRow& row, const SearchLimits& options) {
  const double cpu = cpu_seconds();
  const double wall = steady_seconds();
  WINNOW_TRY(SearchResult found, search_parameters(row, validation_, start_.of(row), options));
  for (const auto& [name, value] : found.chosen) chosen_[row.name + "." + name] = value;
  parameters_[row.name] = std::move(found.parameters);
  cut_short_[row.name] = !found.complete;
  kept_on_validation(row)[row.name] = {std::move(found.model), cpu_seconds() - cpu, steady_seconds() - wall};
  return {};
}

Result<const FittedModel*> FittedModels::on_test(const ModelRow& row) { return fit(row, test_, on_test_); }

Result<const FittedModel*> FittedModels::on_validation(const ModelRow& row) {
  return fit(row, validation_, kept_on_validation(row));
}

// Both parts of a sequence learn from the same, but for models that refit.
FittedModels::Kept& FittedModels::kept_on_validation(const ModelRow& row) {
  return test_.data.protocol == Protocol::sequence && !row.refits ? on_test_ : on_validation_;
}

bool FittedModels::cut_short(const ModelRow& row) const {
  const auto found = cut_short_.find(row.name);
  return found != cut_short_.end() && found->second;
}

Result<const FittedModel*> FittedModels::fit(const ModelRow& row, const TrainingInput& input, Kept& kept) {
  if (const auto known = kept.find(row.name); known != kept.end()) return &known->second;
  WINNOW_RETURN_IF_ERROR(input.begin("train " + row.name));
  const double cpu = cpu_seconds();
  const double wall = steady_seconds();
  const auto searched = parameters_.find(row.name);
  WINNOW_TRY(TrainedModel model,
             row.train(input, searched == parameters_.end() ? start_.of(row) : searched->second));
  FittedModel& fitted = kept[row.name];
  fitted = {std::move(model), cpu_seconds() - cpu, steady_seconds() - wall};
  return &fitted;
}

}  // namespace winnow
