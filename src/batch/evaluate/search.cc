#include "batch/evaluate/search.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "batch/evaluate/rankings.h"

namespace winnow {
namespace {

struct Trial {
  TrainedModel model;
  double ndcg = 0;
};

Result<Trial> measure(const ModelRow& row, const TrainingInput& input, const Parameters& parameters,
                      const SearchLimits& options) {
  WINNOW_TRY(TrainedModel model, row.train(input, parameters));
  const double ndcg = mean_ndcg(*model.model, input.split, options.cutoff, options.users);
  return Trial{std::move(model), ndcg};
}

}  // namespace

Result<SearchResult> search_parameters(const ModelRow& row, const TrainingInput& input,
                                       const Parameters& start, const SearchLimits& options) {
  const double began = steady_seconds();
  SearchResult out;
  out.parameters = start;
  WINNOW_TRY(Trial first, measure(row, input, start, options));
  out.ndcg = first.ndcg;
  out.model = std::move(first.model);
  double slowest_s = steady_seconds() - began;
  for (const SearchKnob& knob : row.knobs) {
    if (knob.needs_times && input.data.protocol == Protocol::user_items) continue;
    const std::string step = "tune " + row.name + "." + knob.parameter;
    const Parameters base = out.parameters;
    for (const double value : knob.values) {
      Parameters trial = base;
      double& parameter = trial.at(knob.parameter);
      parameter = knob.factors ? parameter * value : value;
      if (trial == base) continue;
      WINNOW_RETURN_IF_ERROR(input.begin(step));
      const double before = steady_seconds();
      if (before - began + slowest_s > options.budget_s) {
        out.complete = false;
        break;
      }
      auto measured = measure(row, input, trial, options);
      slowest_s = std::max(slowest_s, steady_seconds() - before);
      if (!measured.ok() || measured->ndcg <= out.ndcg) continue;
      out.ndcg = measured->ndcg;
      out.model = std::move(measured->model);
      out.parameters = std::move(trial);
    }
    out.chosen[knob.parameter] = out.parameters.at(knob.parameter);
  }
  return out;
}

}  // namespace winnow
