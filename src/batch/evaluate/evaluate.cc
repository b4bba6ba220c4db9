#include "batch/evaluate/evaluate.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/text.h"
#include "batch/evaluate/search.h"
#include "batch/train/tune.h"

namespace winnow {
namespace {

constexpr std::size_t kMaxCutoff = 1000;
constexpr std::array<double, 11> kHalfLives = {0, 1, 3, 7, 14, 30, 60, 90, 180, 365, 730};

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

bool contains(std::span<const ModelName> models, ModelName model) {
  return std::ranges::find(models, model) != models.end();
}

// Seconds of wall and processor since it was made.
struct Stopwatch {
  double wall = steady_seconds();
  double cpu = cpu_seconds();
  double wall_s() const { return steady_seconds() - wall; }
  double cpu_s() const { return cpu_seconds() - cpu; }
};

// Something that took this long to train.
template <class T>
struct Timed {
  T value;
  double cpu_s = 0;
  double wall_s = 0;
};

// One run: trains what is asked for, each model once.
class Evaluation final {
 public:
  Evaluation(const EvaluationData& data, const EvaluateOptions& options, const EvaluateProgress& progress)
      : data_(data), options_(options), progress_(progress), parameters_(options.parameters) {
    parameters_.als.seed = options.seed;
    context_.items = data.items;
    context_.train_users = data.users;
    context_.train_users_of.assign(data.items, 0);
    for (const std::uint32_t item : data.test.train.item) ++context_.train_users_of[item];
    context_.categories = data.categories;
    report_.protocol = name_of(data.protocol);
    report_.input = data.input;
    report_.seed = options.seed;
    report_.users_without_history = data.test.users_without_history;
  }

  Result<EvaluationReport> run() {
    WINNOW_RETURN_IF_ERROR(choose_parameters());
    for (const ModelName model : options_.models) {
      Status status;
      switch (model) {
        case ModelName::popular:
          status = popular();
          break;
        case ModelName::item_to_item:
          status = item_to_item();
          break;
        case ModelName::als:
          status = als();
          break;
        case ModelName::blend:
          status = blend();
          break;
      }
      if (!status.ok()) return status.error();
    }
    return std::move(report_);
  }

 private:
  bool times_known() const { return data_.protocol == Protocol::time_split; }
  bool asked(ModelName model) const { return contains(options_.models, model); }
  void step(std::string_view name) const {
    if (progress_) progress_(name);
  }

  Status choose_parameters() {
    if (times_known() && (asked(ModelName::popular) || asked(ModelName::blend))) {
      step("choose popularity's half-life");
      parameters_.popularity.half_life_days =
          choose_half_life(data_.validation.train, data_.validation, kHalfLives);
      report_.chosen["popular.half_life_days"] = parameters_.popularity.half_life_days;
    }
    if (!options_.tune) return {};
    const SearchOptions search{.als = asked(ModelName::als) || asked(ModelName::blend),
                               .item_to_item = asked(ModelName::item_to_item) || asked(ModelName::blend),
                               .times_known = data_.protocol != Protocol::user_items};
    WINNOW_TRY(SearchResult found,
               search_parameters(data_.validation, parameters_, search,
                                 [&](std::string_view name) { step("tune " + std::string(name)); }));
    parameters_ = found.options;
    // The weight was found on the validation's density; the whole training part is denser.
    if (search.als) {
      parameters_.als.unobserved_weight *=
          density_weight(data_.test.train) / density_weight(data_.validation.train);
      found.chosen["als.unobserved_weight"] = parameters_.als.unobserved_weight;
    }
    report_.chosen.merge(found.chosen);
    return {};
  }

  template <class Train>
  static auto timed(const Train& train) -> Result<Timed<typename std::decay_t<decltype(train().value())>>> {
    const Stopwatch watch;
    auto trained = train();
    if (!trained.ok()) return trained.error();
    return Timed<std::decay_t<decltype(trained.value())>>{std::move(trained).value(), watch.cpu_s(),
                                                          watch.wall_s()};
  }

  Status need_als() {
    if (als_) return {};
    step("train als");
    WINNOW_TRY(als_, timed([&] { return train_als(data_.test.train, parameters_.als); }));
    return {};
  }
  Status need_item_to_item() {
    if (item_to_item_) return {};
    step("train item_to_item");
    WINNOW_TRY(item_to_item_,
               timed([&] { return train_item_to_item(data_.test.train, parameters_.item_to_item); }));
    return {};
  }

  // Plain popularity is the yardstick that others report; where times are known the decayed one stands beside
  // it.
  Status popular() {
    std::vector<double> half_lives = {0};
    if (times_known()) half_lives.push_back(parameters_.popularity.half_life_days);
    for (std::size_t k = 0; k < half_lives.size(); ++k) {
      WINNOW_TRY(const auto model,
                 timed([&] { return train_popularity(data_.test.train, {half_lives[k]}); }));
      ModelReport report = start(k == 0 ? "popular" : "popular_decayed", model.cpu_s);
      report.parameters["half_life_days"] = half_lives[k];
      finish(std::move(report), {.popularity = &model.value}, ModelName::popular, model.wall_s);
    }
    return {};
  }

  Status item_to_item() {
    WINNOW_RETURN_IF_ERROR(need_item_to_item());
    ModelReport report = start("item_to_item", item_to_item_->cpu_s);
    report.parameters = parameters_of(item_to_item_->value.options());
    finish(std::move(report), {.item_to_item = &item_to_item_->value}, ModelName::item_to_item,
           item_to_item_->wall_s);
    return {};
  }

  Status als() {
    WINNOW_RETURN_IF_ERROR(need_als());
    ModelReport report = start("als", als_->cpu_s);
    report.parameters = parameters_of(als_->value.options());
    finish(std::move(report), {.als = &als_->value}, ModelName::als, als_->wall_s);
    return {};
  }

  Status blend() {
    WINNOW_RETURN_IF_ERROR(need_item_to_item());
    WINNOW_RETURN_IF_ERROR(need_als());
    WINNOW_TRY(const auto popularity,
               timed([&] { return train_popularity(data_.test.train, parameters_.popularity); }));
    const Stopwatch watch;
    WINNOW_TRY(const BlendWeights weights, learn_weights(popularity.value));
    ModelReport report =
        start("blend", als_->cpu_s + item_to_item_->cpu_s + popularity.cpu_s + watch.cpu_s());
    const double wall_s = als_->wall_s + item_to_item_->wall_s + popularity.wall_s + watch.wall_s();
    report.parameters["popular.half_life_days"] = parameters_.popularity.half_life_days;
    report.parameters["weight.als"] = weights.by_source[static_cast<std::size_t>(BlendSource::als)];
    report.parameters["weight.item_to_item"] =
        weights.by_source[static_cast<std::size_t>(BlendSource::item_to_item)];
    report.parameters["weight.popular"] = weights.by_source[static_cast<std::size_t>(BlendSource::popular)];
    for (const auto& [name, value] : parameters_of(als_->value.options()))
      report.parameters["als." + name] = value;
    for (const auto& [name, value] : parameters_of(item_to_item_->value.options())) {
      report.parameters["item_to_item." + name] = value;
    }
    finish(std::move(report), {&als_->value, &item_to_item_->value, &popularity.value, weights},
           ModelName::blend, wall_s);
    return {};
  }

  // The weights come from models that have not seen the validation's test part. A sequence's models have not
  // anyway.
  Result<BlendWeights> learn_weights(const PopularityModel& popularity) {
    step("learn the blend");
    if (data_.protocol == Protocol::sequence) {
      const ModelSet models{&als_->value, &item_to_item_->value, &popularity, {}};
      return learn_blend(blend_examples(models, data_.validation)).weights;
    }
    WINNOW_TRY(const TrainedModels models, train_models(data_.validation.train, parameters_));
    return choose_blend(models, data_.validation);
  }

  static std::map<std::string, double> parameters_of(const AlsOptions& options) {
    return {{"dims", options.dims},
            {"epochs", options.epochs},
            {"unobserved_weight", options.unobserved_weight},
            {"regularization", options.regularization},
            {"frequency_exponent", options.frequency_exponent},
            {"user_exponent", options.user_exponent},
            {"confidence", options.confidence},
            {"cg_steps", options.cg_steps}};
  }
  static std::map<std::string, double> parameters_of(const ItemToItemOptions& options) {
    return {{"neighbours", options.neighbours},
            {"shrinkage", options.shrinkage},
            {"popularity_exponent", options.popularity_exponent},
            {"user_exponent", options.user_exponent},
            {"history_half_life_days", options.history_half_life_days}};
  }

  ModelReport start(std::string name, double train_cpu_s) const {
    ModelReport report;
    report.name = std::move(name);
    report.items = data_.items;
    report.events = data_.events;
    report.train_cpu_s = train_cpu_s;
    return report;
  }

  void finish(ModelReport report, const ModelSet& models, ModelName model, double train_wall_s) {
    step("rank " + report.name);
    const Stopwatch watch;
    MetricsCollector collector(context_, options_.cutoffs, options_.seed);
    rank_users(models, model, data_.test, collector.longest(),
               [&](std::uint32_t user, std::span<const std::uint32_t> list) {
                 collector.add(list, data_.test.test[user]);
               });
    report.metrics = collector.values();
    report.users = collector.users();
    report.wall_s = train_wall_s + watch.wall_s();
    report.peak_rss_mb = peak_rss_mb();
    report_.models.push_back(std::move(report));
  }

  const EvaluationData& data_;
  const EvaluateOptions& options_;
  const EvaluateProgress& progress_;
  ModelOptions parameters_;
  MetricsContext context_;
  EvaluationReport report_;
  std::optional<Timed<AlsModel>> als_;
  std::optional<Timed<ItemToItemModel>> item_to_item_;
};

}  // namespace

Result<std::vector<ModelName>> parse_models(std::string_view text) {
  std::vector<ModelName> out;
  for (const std::string_view word : split(text, ',')) {
    WINNOW_TRY(const ModelName model, model_named(trim(word)));
    if (!contains(out, model)) out.push_back(model);
  }
  return out;
}

Result<std::vector<std::size_t>> parse_cutoffs(std::string_view text) {
  std::vector<std::size_t> out;
  for (const std::string_view word : split(text, ',')) {
    const auto k = parse_int(trim(word));
    if (!k || *k < 1 || *k > static_cast<std::int64_t>(kMaxCutoff)) {
      return Error{ErrorCode::invalid,
                   "k is '" + excerpt(word) + "'; give whole numbers from 1 to 1000, as 10,20", "k"};
    }
    const auto cutoff = static_cast<std::size_t>(*k);
    if (std::ranges::find(out, cutoff) == out.end()) out.push_back(cutoff);
  }
  return out;
}

Result<EvaluationReport> evaluate(const EvaluationData& data, const EvaluateOptions& options,
                                  const EvaluateProgress& progress) {
  if (options.models.empty())
    return Error{ErrorCode::invalid, "no model is named; give some of popular, item_to_item, als, blend",
                 "models"};
  if (options.cutoffs.empty()) return Error{ErrorCode::invalid, "no k is given; give some, as 10,20", "k"};
  return Evaluation(data, options, progress).run();
}

}  // namespace winnow
