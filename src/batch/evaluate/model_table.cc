#include "batch/evaluate/model_table.h"

#include <algorithm>
#include <utility>

#include "batch/evaluate/two_tower_row.h"
#include "models/als/als.h"
#include "models/item_to_item/item_to_item.h"
#include "models/popularity/popularity.h"

namespace winnow {
namespace {

// A trained model of any class as a row hands it back.
template <class Model>
Result<TrainedModel> trained(Result<Model> model, Parameters parameters) {
  if (!model.ok()) return model.error();
  return TrainedModel{std::make_unique<Model>(std::move(model).value()), std::move(parameters)};
}

template <class Number>
void read(const Parameters& parameters, const char* name, Number& value) {
  value = static_cast<Number>(parameters.at(name));
}

// The sum over users of the square of their number of items: pairs of items that are seen together.
double co_occurrences(const Interactions& data) {
  double sum = 0;
  for (std::uint32_t user = 0; user < data.users; ++user) {
    const auto n = static_cast<double>(data.items_of(user).size());
    sum += n * n;
  }
  return sum;
}

ModelRow popular_row() {
  ModelRow row;
  row.name = "popular";
  row.defaults = [](const ModelOptions&) { return Parameters{{"half_life_days", 0}}; };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    return trained(train_popularity(in.split.train, {p.at("half_life_days")}), p);
  };
  return row;
}

// Plain popularity is the yardstick that others report; where times are known this one stands beside it.
ModelRow popular_decayed_row() {
  ModelRow row = popular_row();
  row.name = "popular_decayed";
  row.defaults = [](const ModelOptions& o) {
    return Parameters{{"half_life_days", o.popularity.half_life_days}};
  };
  row.knobs = {{"half_life_days", {0, 1, 3, 7, 14, 30, 60, 90, 180, 365, 730}}};
  row.always_search = true;
  row.unfit = [](const TrainingInput& in) -> std::optional<std::string> {
    if (in.data.protocol == Protocol::time_split) return std::nullopt;
    return "the data have no times";
  };
  return row;
}

ModelRow item_to_item_row() {
  ModelRow row;
  row.name = "item_to_item";
  row.defaults = [](const ModelOptions& options) {
    const ItemToItemOptions& o = options.item_to_item;
    return Parameters{{"neighbours", o.neighbours},
                      {"shrinkage", o.shrinkage},
                      {"popularity_exponent", o.popularity_exponent},
                      {"user_exponent", o.user_exponent},
                      {"history_half_life_days", o.history_half_life_days}};
  };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    ItemToItemOptions o;
    read(p, "neighbours", o.neighbours);
    read(p, "shrinkage", o.shrinkage);
    read(p, "popularity_exponent", o.popularity_exponent);
    read(p, "user_exponent", o.user_exponent);
    read(p, "history_half_life_days", o.history_half_life_days);
    return trained(train_item_to_item(in.split.train, o), p);
  };
  row.knobs = {{"popularity_exponent", {0.2, 0.33, 0.4, 0.5}},
               {"user_exponent", {0.25, 0.5, 0.75, 1}},
               {"neighbours", {50, 100, 200, 400}},
               {.parameter = "history_half_life_days", .values = {0, 1, 7, 30, 180}, .needs_times = true}};
  row.train_seconds = [](const TrainingInput& in, const Parameters&) {
    return 1e-8 * co_occurrences(in.split.train);
  };
  return row;
}

ModelRow als_row() {
  ModelRow row;
  row.name = "als";
  row.defaults = [](const ModelOptions& options) {
    const AlsOptions& o = options.als;
    return Parameters{{"dims", o.dims},
                      {"epochs", o.epochs},
                      {"unobserved_weight", o.unobserved_weight},
                      {"unobserved_scale", 1},
                      {"regularization", o.regularization},
                      {"frequency_exponent", o.frequency_exponent},
                      {"user_exponent", o.user_exponent},
                      {"confidence", o.confidence},
                      {"cg_steps", o.cg_steps}};
  };
  row.train = [](const TrainingInput& in, Parameters p) {
    AlsOptions o;
    o.seed = in.seed;
    read(p, "dims", o.dims);
    read(p, "epochs", o.epochs);
    read(p, "regularization", o.regularization);
    read(p, "frequency_exponent", o.frequency_exponent);
    read(p, "user_exponent", o.user_exponent);
    read(p, "confidence", o.confidence);
    read(p, "cg_steps", o.cg_steps);
    // The scale is searched rather than the weight, so that what was found on a cut's density carries over.
    double& weight = p.at("unobserved_weight");
    if (weight == 0) weight = density_weight(in.split.train);
    weight *= p.at("unobserved_scale");
    read(p, "unobserved_weight", o.unobserved_weight);
    return trained(train_als(in.split.train, o), p);
  };
  row.knobs = {{.parameter = "regularization", .values = {0.5, 2, 4}, .factors = true},
               {"unobserved_scale", {0.25, 0.5, 2, 4}},
               {"user_exponent", {0, 0.25, 0.5, 0.75}}};
  row.train_seconds = [](const TrainingInput& in, const Parameters& p) {
    return 2e-9 * static_cast<double>(in.split.train.size()) * p.at("dims") * p.at("epochs");
  };
  return row;
}

}  // namespace

std::vector<ModelRow> model_table() {
  return {popular_row(), popular_decayed_row(), item_to_item_row(), als_row(), two_tower_row()};
}

const ModelRow* find_row(const std::vector<ModelRow>& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &ModelRow::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace winnow
