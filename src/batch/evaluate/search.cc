#include "batch/evaluate/search.h"

#include <vector>

#include "batch/evaluate/rankings.h"
#include "evaluation/ranking_metrics.h"

namespace winnow {
namespace {

constexpr std::size_t kCutoff = 10;

// One parameter: where it lies, and what to try. A factor multiplies the start value.
struct Knob {
  std::string name;
  std::function<void(ModelOptions&, double)> set;
  std::function<double(const ModelOptions&)> get;
  std::vector<double> values;
};

Result<double> als_ndcg(const EvaluationSplit& split, const ModelOptions& options, std::size_t users) {
  WINNOW_TRY(const AlsModel model, train_als(split.train, options.als));
  return mean_ndcg({.als = &model}, ModelName::als, split, kCutoff, users);
}

Result<double> item_to_item_ndcg(const EvaluationSplit& split, const ModelOptions& options,
                                 std::size_t users) {
  WINNOW_TRY(const ItemToItemModel model, train_item_to_item(split.train, options.item_to_item));
  return mean_ndcg({.item_to_item = &model}, ModelName::item_to_item, split, kCutoff, users);
}

template <class Member>
Knob knob(std::string name, Member member, std::vector<double> values) {
  return {std::move(name),
          [member](ModelOptions& options, double value) { member(options) = static_cast<float>(value); },
          [member](const ModelOptions& options) {
            ModelOptions copy = options;
            return static_cast<double>(member(copy));
          },
          std::move(values)};
}

std::vector<double> times(double start, std::vector<double> factors) {
  for (double& factor : factors) factor *= start;
  return factors;
}

std::vector<Knob> als_knobs(const ModelOptions& start) {
  return {
      knob(
          "als.regularization", [](ModelOptions& o) -> float& { return o.als.regularization; },
          times(start.als.regularization, {0.5, 2, 4})),
      knob(
          "als.unobserved_weight", [](ModelOptions& o) -> float& { return o.als.unobserved_weight; },
          times(start.als.unobserved_weight, {0.25, 0.5, 2, 4})),
      knob("als.user_exponent", [](ModelOptions& o) -> float& { return o.als.user_exponent; },
           {0, 0.25, 0.5, 0.75}),
  };
}

std::vector<Knob> item_to_item_knobs(bool times_known) {
  std::vector<Knob> out = {
      knob("item_to_item.popularity_exponent",
           [](ModelOptions& o) -> float& { return o.item_to_item.popularity_exponent; },
           {0.2, 0.33, 0.4, 0.5}),
      knob("item_to_item.user_exponent",
           [](ModelOptions& o) -> float& { return o.item_to_item.user_exponent; }, {0.25, 0.5, 0.75, 1}),
      {"item_to_item.neighbours",
       [](ModelOptions& o, double value) { o.item_to_item.neighbours = static_cast<std::uint32_t>(value); },
       [](const ModelOptions& o) { return static_cast<double>(o.item_to_item.neighbours); },
       {50, 100, 200, 400}},
  };
  if (times_known) {
    out.push_back(knob("item_to_item.history_half_life_days",
                       [](ModelOptions& o) -> float& { return o.item_to_item.history_half_life_days; },
                       {0, 1, 7, 30, 180}));
  }
  return out;
}

template <class Measure>
Result<double> descend(const std::vector<Knob>& knobs, const Measure& measure, const SearchProgress& progress,
                       SearchResult& state) {
  WINNOW_TRY(double best, measure(state.options));
  for (const Knob& knob : knobs) {
    if (progress) progress(knob.name);
    const ModelOptions base = state.options;
    for (const double value : knob.values) {
      ModelOptions trial = base;
      knob.set(trial, value);
      if (knob.get(trial) == knob.get(base)) continue;
      WINNOW_TRY(const double ndcg, measure(trial));
      if (ndcg <= best) continue;
      best = ndcg;
      state.options = trial;
    }
    state.chosen[knob.name] = knob.get(state.options);
  }
  return best;
}

}  // namespace

Result<SearchResult> search_parameters(const EvaluationSplit& validation, const ModelOptions& start,
                                       const SearchOptions& options, const SearchProgress& progress) {
  SearchResult out;
  out.options = start;
  if (out.options.als.unobserved_weight == 0)
    out.options.als.unobserved_weight = density_weight(validation.train);
  if (options.als) {
    WINNOW_TRY(out.als_ndcg,
               descend(
                   als_knobs(out.options),
                   [&](const ModelOptions& trial) { return als_ndcg(validation, trial, options.users); },
                   progress, out));
  }
  if (options.item_to_item) {
    WINNOW_TRY(out.item_to_item_ndcg, descend(
                                          item_to_item_knobs(options.times_known),
                                          [&](const ModelOptions& trial) {
                                            return item_to_item_ndcg(validation, trial, options.users);
                                          },
                                          progress, out));
  }
  return out;
}

}  // namespace winnow
