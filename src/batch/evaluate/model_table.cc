#include "batch/evaluate/model_table.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "batch/evaluate/two_tower_row.h"
#include "models/als/als.h"
#include "models/bpr/bpr.h"
#include "models/content/content.h"
#include "models/ease/ease.h"
#include "models/graph/bspm.h"
#include "models/graph/gf_cf.h"
#include "models/graph/graph.h"
#include "models/graph/spectral.h"
#include "models/graph/taught_lists.h"
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

// A model's fields name each of its parameters once: a function that shows a visitor the name and the place
// in the options, of every one.
template <class Fields, class Options>
Parameters parameters_of(const Fields& fields, Options options) {
  Parameters out;
  fields(options, [&](const char* name, auto& value) { out[name] = static_cast<double>(value); });
  return out;
}

template <class Options, class Fields>
Options options_of(const Fields& fields, const Parameters& parameters) {
  Options out;
  fields(out, [&](const char* name, auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(parameters.at(name));
  });
  return out;
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
    if (in.data.protocol != Protocol::time_split) return "the data have no times";
    if (in.split.train.size() == 0) return "there is nothing before the cut that its half-life is chosen on";
    return std::nullopt;
  };
  return row;
}

constexpr auto kItemToItemFields = [](auto& o, const auto& visit) {
  visit("neighbours", o.neighbours);
  visit("shrinkage", o.shrinkage);
  visit("popularity_exponent", o.popularity_exponent);
  visit("user_exponent", o.user_exponent);
  visit("wilson_z", o.wilson_z);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow item_to_item_row() {
  ModelRow row;
  row.name = "item_to_item";
  row.defaults = [](const ModelOptions& options) {
    return parameters_of(kItemToItemFields, options.item_to_item);
  };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    const auto o = options_of<ItemToItemOptions>(kItemToItemFields, p);
    return trained(train_item_to_item(in.split.train, o), p);
  };
  row.knobs = {{"popularity_exponent", {0.2, 0.33, 0.4, 0.5}},
               {"user_exponent", {0.25, 0.5, 0.75, 1}},
               {"neighbours", {50, 100, 200, 400}},
               {"wilson_z", {0.5, 1, 2}},
               {.parameter = "history_half_life_days", .values = {0, 1, 7, 30, 180}, .needs_times = true}};
  row.train_seconds = [](const TrainingInput& in, const Parameters&) {
    return 1e-8 * co_occurrences(in.split.train);
  };
  return row;
}

constexpr auto kAlsFields = [](auto& o, const auto& visit) {
  visit("dims", o.dims);
  visit("epochs", o.epochs);
  visit("unobserved_weight", o.unobserved_weight);
  visit("regularization", o.regularization);
  visit("frequency_exponent", o.frequency_exponent);
  visit("user_exponent", o.user_exponent);
  visit("confidence", o.confidence);
  visit("cg_steps", o.cg_steps);
  visit("exact", o.exact);
};

ModelRow als_row() {
  ModelRow row;
  row.name = "als";
  row.defaults = [](const ModelOptions& options) {
    Parameters out = parameters_of(kAlsFields, options.als);
    out["unobserved_scale"] = 1;
    return out;
  };
  row.train = [](const TrainingInput& in, Parameters p) {
    // The scale is searched rather than the weight, so that what was found on a cut's density carries over.
    double& weight = p.at("unobserved_weight");
    if (weight == 0) weight = density_weight(in.split.train);
    weight *= p.at("unobserved_scale");
    auto o = options_of<AlsOptions>(kAlsFields, p);
    o.seed = in.seed;
    return trained(train_als(in.split.train, o), p);
  };
  row.knobs = {{"dims", {128, 256}},
               {.parameter = "regularization", .values = {0.5, 2, 4}, .factors = true},
               {"unobserved_scale", {0.25, 0.5, 2, 4}},
               {"user_exponent", {0, 0.25, 0.5, 0.75}}};
  row.train_seconds = [](const TrainingInput& in, const Parameters& p) {
    return 2e-9 * static_cast<double>(in.split.train.size()) * p.at("dims") * p.at("epochs");
  };
  return row;
}

constexpr auto kEaseFields = [](auto& o, const auto& visit) {
  visit("regularization", o.regularization);
  visit("user_exponent", o.user_exponent);
  visit("popularity_exponent", o.popularity_exponent);
  visit("neighbours", o.neighbours);
  visit("max_exact_items", o.max_exact_items);
  visit("neighbourhood", o.neighbourhood);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow ease_row() {
  ModelRow row;
  row.name = "ease";
  row.defaults = [](const ModelOptions&) { return parameters_of(kEaseFields, EaseOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    const auto o = options_of<EaseOptions>(kEaseFields, p);
    return trained(train_ease(in.split.train, o), p);
  };
  row.knobs = {{.parameter = "regularization", .values = {0.1, 0.3, 3}, .factors = true},
               {"user_exponent", {0.5}},
               {"popularity_exponent", {0.2, 0.4}},
               {.parameter = "history_half_life_days", .values = {1, 7, 30}, .needs_times = true}};
  row.train_seconds = [](const TrainingInput& in, const Parameters& p) {
    const double n = in.data.items;
    const double near = p.at("neighbourhood");
    const auto o = options_of<EaseOptions>(kEaseFields, p);
    return ease_is_exact(in.data.items, o) ? 2e-11 * n * n * n : n * (2e-11 * near * near * near + 1e-3);
  };
  return row;
}

constexpr auto kBprFields = [](auto& o, const auto& visit) {
  visit("dims", o.dims);
  visit("epochs", o.epochs);
  visit("learning_rate", o.learning_rate);
  visit("regularization", o.regularization);
  visit("history_exponent", o.history_exponent);
  visit("negative_exponent", o.negative_exponent);
  visit("negatives", o.negatives);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow bpr_row() {
  ModelRow row;
  row.name = "bpr";
  row.defaults = [](const ModelOptions&) { return parameters_of(kBprFields, BprOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    auto o = options_of<BprOptions>(kBprFields, p);
    o.seed = in.seed;
    return trained(train_bpr(in.split.train, o), p);
  };
  row.knobs = {{.parameter = "regularization", .values = {0.3, 3}, .factors = true},
               {"negative_exponent", {0, 0.25, 0.75}},
               {.parameter = "history_half_life_days", .values = {7, 30}, .needs_times = true}};
  row.train_seconds = [](const TrainingInput& in, const Parameters& p) {
    return 1e-9 * static_cast<double>(in.split.train.size()) * p.at("dims") * p.at("epochs") *
           (p.at("negatives") + 1);
  };
  return row;
}

constexpr auto kGraphFields = [](auto& o, const auto& visit) {
  visit("dims", o.dims);
  visit("histories", o.histories);
  visit("epochs", o.epochs);
  visit("batch", o.batch);
  visit("negatives", o.negatives);
  visit("learning_rate", o.learning_rate);
  visit("user_exponent", o.user_exponent);
  visit("taught", o.taught);
  visit("sharpness", o.sharpness);
  visit("filter_dims", o.filter_dims);
  visit("smooth_weight", o.smooth_weight);
  visit("time", o.time);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow graph_row() {
  ModelRow row;
  row.name = "graph";
  row.defaults = [](const ModelOptions&) { return parameters_of(kGraphFields, GraphOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    auto o = options_of<GraphOptions>(kGraphFields, p);
    o.seed = in.seed;
    return trained(train_graph(in.split.train, o), p);
  };
  row.knobs = {{.parameter = "time", .values = {0, 0.4}, .factors = true},
               {"sharpness", {2, 4}},
               {"user_exponent", {0.5, 1}},
               {.parameter = "history_half_life_days", .values = {7, 30}, .needs_times = true}};
  row.train_seconds = [](const TrainingInput& in, const Parameters& p) {
    const Interactions& data = in.split.train;
    const double users = data.users;
    const double halves_too = std::min(p.at("histories") / 2, (1 + kHalves) * users);
    const double histories = std::min(p.at("histories"), std::max(users, halves_too));
    const double drawn = std::min(p.at("negatives"), static_cast<double>(data.items));
    const double taught = 4e-9 * static_cast<double>(data.size()) + 1e-10 * data.items * p.at("filter_dims");
    return histories * (taught + p.at("epochs") * drawn * (1.3e-10 * p.at("dims") + 1e-9));
  };
  return row;
}

double spectral_seconds(const TrainingInput& in, const Parameters& p) {
  const double dims = p.at("dims");
  const double n = in.data.items;
  return p.at("iterations") * dims * (1e-9 * static_cast<double>(in.split.train.size()) + 5e-11 * n * dims);
}

constexpr auto kSpectralFields = [](auto& o, const auto& visit) {
  visit("dims", o.dims);
  visit("iterations", o.iterations);
  visit("history_exponent", o.history_exponent);
  visit("answer_exponent", o.answer_exponent);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow spectral_row() {
  ModelRow row;
  row.name = "spectral";
  row.defaults = [](const ModelOptions&) { return parameters_of(kSpectralFields, SpectralOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    auto o = options_of<SpectralOptions>(kSpectralFields, p);
    o.seed = in.seed;
    return trained(train_spectral(in.split.train, o), p);
  };
  row.knobs = {{"dims", {32, 64, 128, 384, 512, 768}},
               {"answer_exponent", {0.3, 0.7}},
               {"history_exponent", {0.3, 0.7}},
               {.parameter = "history_half_life_days", .values = {7, 30}, .needs_times = true}};
  row.train_seconds = spectral_seconds;
  return row;
}

constexpr auto kGfCfFields = [](auto& o, const auto& visit) {
  visit("dims", o.dims);
  visit("iterations", o.iterations);
  visit("smooth_weight", o.smooth_weight);
  visit("neighbours", o.neighbours);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow gf_cf_row() {
  ModelRow row;
  row.name = "gf_cf";
  row.defaults = [](const ModelOptions&) { return parameters_of(kGfCfFields, GfCfOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    auto o = options_of<GfCfOptions>(kGfCfFields, p);
    o.seed = in.seed;
    return trained(train_gf_cf(in.split.train, o), p);
  };
  row.knobs = {{"dims", {64, 128, 512}},
               {.parameter = "smooth_weight", .values = {0.5, 2, 4}, .factors = true},
               {.parameter = "history_half_life_days", .values = {7, 30}, .needs_times = true}};
  row.train_seconds = [](const TrainingInput& in, const Parameters& p) {
    return 4e-8 * co_occurrences(in.split.train) + spectral_seconds(in, p);
  };
  return row;
}

constexpr auto kBspmFields = [](auto& o, const auto& visit) {
  visit("dims", o.dims);
  visit("iterations", o.iterations);
  visit("smooth_weight", o.smooth_weight);
  visit("time", o.time);
};

ModelRow bspm_row() {
  ModelRow row;
  row.name = "bspm";
  row.defaults = [](const ModelOptions&) { return parameters_of(kBspmFields, BspmOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    auto o = options_of<BspmOptions>(kBspmFields, p);
    o.seed = in.seed;
    return trained(train_bspm(in.split.train, o), p);
  };
  row.knobs = {{.parameter = "time", .values = {0, 0.4}, .factors = true}};
  row.train_seconds = spectral_seconds;
  return row;
}

constexpr auto kContentFields = [](auto& o, const auto& visit) {
  visit("category_weight", o.kind_weights[0]);
  visit("tag_weight", o.kind_weights[1]);
  visit("creator_weight", o.kind_weights[2]);
  visit("word_weight", o.kind_weights[3]);
  visit("common_share", o.common_share);
  visit("saturation", o.saturation);
  visit("history_half_life_days", o.history_half_life_days);
};

ModelRow content_row() {
  ModelRow row;
  row.name = "content";
  row.defaults = [](const ModelOptions&) { return parameters_of(kContentFields, ContentOptions{}); };
  row.train = [](const TrainingInput& in, const Parameters& p) {
    const auto o = options_of<ContentOptions>(kContentFields, p);
    return trained(ContentModel::build(in.data.terms, o), p);
  };
  row.knobs = {{"word_weight", {0, 0.3, 1.5}},
               {"common_share", {0.05, 0.5}},
               {.parameter = "history_half_life_days", .values = {1, 7, 30, 180}, .needs_times = true}};
  row.unfit = [](const TrainingInput& in) -> std::optional<std::string> {
    if (!in.data.terms.empty()) return std::nullopt;
    return "the input says nothing about items but their ids; time-split reads metadata from items files or "
           "a store";
  };
  return row;
}

}  // namespace

std::vector<ModelRow> model_table() {
  return {popular_row(), popular_decayed_row(), item_to_item_row(), als_row(),   ease_row(),
          bpr_row(),     graph_row(),           spectral_row(),     gf_cf_row(), bspm_row(),
          content_row(), two_tower_row()};
}

Parameters StartingPoint::of(const ModelRow& row) const {
  Parameters out = row.defaults(options);
  for (auto& [name, value] : out) {
    if (const auto given = overrides.find(row.name + "." + name); given != overrides.end())
      value = given->second;
  }
  return out;
}

Status StartingPoint::check(const std::vector<ModelRow>& table) const {
  std::vector<std::string> known;
  for (const ModelRow& row : table) {
    for (const auto& [name, value] : row.defaults(options)) known.push_back(row.name + "." + name);
  }
  for (const auto& [name, value] : overrides) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = nearest(name, known);
    return Error{ErrorCode::invalid,
                 "no model has a parameter '" + excerpt(name) + "'; " +
                     (near ? "did you mean " + *near + "?" : "give one that a report shows, as als.dims"),
                 "--parameter"};
  }
  return {};
}

Status TrainingInput::begin(std::string_view step) const {
  if (!progress || progress(step)) return {};
  return Error{ErrorCode::unavailable, "the evaluation was ended before it was done"};
}

const ModelRow* find_row(const std::vector<ModelRow>& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &ModelRow::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace winnow
