#include "batch/evaluate/two_tower_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/two_tower/sequences.h"
#include "models/two_tower/tower_features.h"
#include "models/two_tower/train_two_tower.h"

namespace winnow {
namespace {

constexpr double kUsualEpochs = 15;  // until validation gets no better; for the estimate
// Of the whole evaluation's budget one training takes at most this share: the start of a search, another
// value, and the last training fit into it.
constexpr double kBudgetShare = 0.25;

// A sequence's validation item is not learned from by any model: it decides when training ends.
TrainingSequences with_validation_items(const EvaluationData& data, const Interactions& train) {
  TrainingSequences out = sequences_of(train, {.hold_out_every = 0});
  TrainingSequences held;
  held.items = out.items;
  held.ordered = out.ordered;
  for (std::uint32_t user = 0; user < out.users(); ++user) {
    const auto learned = out.actions_of(user);
    std::vector<TowerAction> actions(learned.begin(), learned.end());
    const auto next = data.validation.test[user];
    if (!next.empty() && !actions.empty()) {
      actions.push_back({next[0], 0, actions.back().time_ms + kDayMs});
      held.add_user(actions, 1);
    } else {
      held.add_user(actions, 0);
    }
  }
  return held;
}

TrainingSequences training_sequences(const TrainingInput& in) {
  TrainingSequences out;
  if (in.data.protocol == Protocol::sequence) {
    out = with_validation_items(in.data, in.split.train);
  } else {
    // A tenth of many users suffices to see when training should end; of few it takes more.
    const std::uint32_t every = std::clamp(in.split.train.users / 2000, 2u, 10u);
    out = sequences_of(in.split.train, {.hold_out_every = every, .seed = in.seed});
  }
  out.item_features = item_feature_bags(in.data.terms);
  return out;
}

template <class Number>
void read(const Parameters& parameters, const char* name, Number& value) {
  value = static_cast<Number>(parameters.at(name));
}

TwoTowerOptions options_of(const TrainingInput& in, const Parameters& p) {
  TwoTowerOptions o;
  o.seed = in.seed;
  o.refit = in.for_test && in.data.protocol == Protocol::sequence;
  if (std::isfinite(in.budget_s)) o.budget_s = kBudgetShare * in.budget_s;
  read(p, "dims", o.dims);
  read(p, "layers", o.layers);
  read(p, "heads", o.heads);
  read(p, "length", o.length);
  read(p, "epochs", o.epochs);
  read(p, "patience", o.patience);
  read(p, "batch_users", o.batch_users);
  read(p, "learning_rate", o.learning_rate);
  read(p, "weight_decay", o.weight_decay);
  read(p, "dropout", o.dropout);
  return o;
}

Result<TrainedModel> train(const TrainingInput& in, const Parameters& parameters) {
  WINNOW_TRY(const std::filesystem::path trainer, find_trainer(in.trainer));
  TrainedModel out;
  out.parameters = parameters;
  int shown = -1;
  const auto show = [&](double share, std::string_view words) {
    if (words == kBudgetEnded) out.note = words;
    const int percent = static_cast<int>(share * 100);  // terminals that cannot redraw show each line
    const bool known = std::exchange(shown, percent) == percent;
    return known || in.begin(fmt::format("train two_tower, {}%: {}", percent, words)).ok();
  };
  WINNOW_TRY(TwoTowerModel model,
             train_two_tower(training_sequences(in), options_of(in, parameters), trainer, show));
  out.model = std::make_unique<TwoTowerModel>(std::move(model));
  return out;
}

// The softmax over all items, or over its sample, and the tower at every action; where all is learned again,
// nearly as much once more.
double train_seconds(const TrainingInput& in, const Parameters& p) {
  constexpr double kFlopsPerSecond = 1.5e11;
  constexpr double kTowerSeconds = 1e-7;  // an action, a dimension, a layer
  constexpr double kEpochActions = 2e6;
  constexpr double kSampledItems = 10'000;  // what the sampled softmax costs as much as
  const double actions = std::min(static_cast<double>(in.split.train.size()), kEpochActions);
  const double items = in.data.items;
  const double scored = items <= 50'000 && items * actions <= 1e10 ? items : kSampledItems;
  const double epoch_s =
      actions * p.at("dims") * (6 * scored / kFlopsPerSecond + kTowerSeconds * p.at("layers"));
  const bool refits = in.for_test && in.data.protocol == Protocol::sequence;
  const double seconds = epoch_s * std::min(p.at("epochs"), kUsualEpochs) * (refits ? 2 : 1);
  return std::min(seconds, kBudgetShare * in.budget_s);
}

}  // namespace

ModelRow two_tower_row() {
  ModelRow row;
  row.name = "two_tower";
  row.defaults = [](const ModelOptions&) {
    const TwoTowerOptions o;
    return Parameters{{"dims", o.dims},
                      {"layers", o.layers},
                      {"heads", o.heads},
                      {"length", o.length},
                      {"epochs", o.epochs},
                      {"patience", o.patience},
                      {"batch_users", o.batch_users},
                      {"learning_rate", o.learning_rate},
                      {"weight_decay", o.weight_decay},
                      {"dropout", o.dropout}};
  };
  row.train = train;
  row.knobs = {{"dropout", {0.2}}, {"layers", {2}}};
  row.refits = true;
  row.unfit = [](const TrainingInput& in) -> std::optional<std::string> {
    const auto trainer = find_trainer(in.trainer);
    if (trainer.ok()) return std::nullopt;
    return trainer.error().message;
  };
  row.train_seconds = train_seconds;
  return row;
}

}  // namespace winnow
