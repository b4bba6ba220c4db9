#include "batch/evaluate/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace winnow {
namespace {

bool contains(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool searched(const ModelRow& row, const EvaluateOptions& options) {
  return !row.knobs.empty() && (options.tune || row.always_search);
}

double trials(const ModelRow& row, const TrainingInput& input) {
  double out = 1;
  for (const SearchKnob& knob : row.knobs) {
    if (!knob.needs_times || input.data.protocol != Protocol::user_items) {
      out += static_cast<double>(knob.values.size());
    }
  }
  return out;
}

// Scoring all items for one user and picking the best, roughly, in seconds.
double rank_seconds(const TrainingInput& input, double users) {
  return users * 5e-9 * static_cast<double>(input.data.items);
}

}  // namespace

double EvaluationPlan::estimated_seconds() const {
  double fixed = ranking_s;
  double search = 0;
  for (const Cost& cost : costs) {
    fixed += cost.fixed_s;
    search += cost.search_s;
  }
  return fixed + std::min(search, std::max(0.0, budget_s - fixed));
}

double EvaluationPlan::search_share(const ModelRow& row, double spent_s) const {
  if (std::isinf(budget_s)) return budget_s;
  double reserved = ranking_s;
  double searches = 0;  // of this row and those after it
  double own = 0;
  for (std::size_t k = 0; k < trained.size(); ++k) {
    reserved += costs[k].fixed_s;
    if (trained[k] == &row) own = costs[k].search_s;
    if (own > 0) searches += costs[k].search_s;
  }
  return searches > 0 ? std::max(0.0, budget_s - reserved - spent_s) * own / searches : 0;
}

EvaluationPlan plan_of(const std::vector<ModelRow>& table, const TrainingInput& validation,
                       const EvaluateOptions& options) {
  EvaluationPlan plan;
  plan.budget_s = options.budget_s;
  const auto fits = [&](const ModelRow& row) { return !row.unfit || !row.unfit(validation); };
  const ModelRow* const decayed = find_row(table, "popular_decayed");
  const bool times_known = decayed != nullptr && fits(*decayed);
  for (const std::string& name : options.models) {
    plan.reports.push_back(name);
    const bool beside = name == "popular" && times_known && !contains(options.models, "popular_decayed");
    if (beside) plan.reports.emplace_back("popular_decayed");
  }

  const bool ranking = std::ranges::any_of(
      kRankers, [&](std::string_view ranker) { return contains(options.models, ranker); });
  const bool blending = ranking || contains(options.models, kBlend);
  const bool choosing = contains(options.models, kBest);
  const std::array<std::string_view, 3> serving = {"als", "item_to_item",
                                                   times_known ? "popular_decayed" : "popular"};
  // `best` chooses among the models that are named; where only it is, or it and the blend, among all.
  const bool among_all = choosing && std::ranges::all_of(options.models, [](const std::string& name) {
                           return name == kBest || name == kBlend || contains(kRankers, name);
                         });
  TrainingInput for_test = validation;
  for_test.for_test = true;
  for (const ModelRow& row : table) {
    const bool serves = std::ranges::find(serving, row.name) != serving.end();
    const bool wanted = contains(plan.reports, row.name) || among_all || (blending && serves);
    if (!wanted || !fits(row)) continue;
    plan.trained.push_back(&row);
    if (serves) plan.blended.push_back(&row);
    const auto seconds = [&](const TrainingInput& input) {
      return row.train_seconds ? row.train_seconds(input, options.parameters.of(row)) : 0.1;
    };
    const double once = seconds(validation);
    const bool mixed = choosing || (blending && serves);
    const bool apart = validation.data.protocol != Protocol::sequence || row.refits;
    const bool twice = mixed && apart && !searched(row, options);
    EvaluationPlan::Cost cost;
    cost.fixed_s = seconds(for_test) + (twice ? once : 0);
    if (searched(row, options)) {
      cost.search_s = trials(row, validation) * (once + rank_seconds(validation, 2000));
    }
    plan.costs.push_back(cost);
  }
  plan.ranking_s = static_cast<double>(plan.reports.size()) * rank_seconds(validation, validation.data.users);
  return plan;
}

}  // namespace winnow
