#include "batch/evaluate/evaluate.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <concepts>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "batch/evaluate/fitted_models.h"
#include "batch/evaluate/funnel.h"
#include "batch/evaluate/plan.h"
#include "batch/evaluate/rankings.h"
#include "evaluation/ranking_metrics.h"
#include "models/blend/learn_blend.h"

namespace winnow {
namespace {

constexpr std::size_t kMaxCutoff = 1000;

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Seconds of wall and processor since it was made.
struct Stopwatch {
  double wall = steady_seconds();
  double cpu = cpu_seconds();
  double wall_s() const { return steady_seconds() - wall; }
  double cpu_s() const { return cpu_seconds() - cpu; }
};

// One run: trains what is asked for, each model once.
class Evaluation final {
 public:
  Evaluation(const EvaluationData& data, const EvaluateOptions& options, const EvaluateProgress& progress)
      : data_(data),
        options_(options),
        table_(model_table()),
        test_{data, data.test, options.seed, progress, options.trainer, true, options.budget_s},
        validation_{data, data.validation, options.seed, progress, options.trainer, false, options.budget_s},
        plan_(plan_of(table_, validation_, options)),
        models_(test_, validation_, options.parameters) {
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
    WINNOW_RETURN_IF_ERROR(search());
    for (const std::string& model : plan_.reports) {
      Status status = report(model);
      if (!status.ok()) return while_doing("model " + model, status.error());
    }
    report_.chosen = models_.chosen();
    compare();
    return std::move(report_);
  }

 private:
  Status report(const std::string& model) {
    if (model == kBlend) return blend();
    if (model == kBest) return best();
    if (model == kLight) return ranked(model, 0);
    if (model == kFunnel) return ranked(model, options_.full_candidates);
    if (model == kFull) return ranked(model, std::numeric_limits<std::size_t>::max());
    return single(*find_row(table_, model));
  }

  Status step(std::string_view name) const { return test_.begin(name); }

  Status search() {
    const Stopwatch watch;
    for (const ModelRow* row : plan_.trained) {
      if (row->knobs.empty() || !(options_.tune || row->always_search)) continue;
      SearchLimits search{.cutoff = options_.cutoffs.front()};
      if (!row->always_search) search.budget_s = plan_.search_share(*row, watch.wall_s());
      Status status = models_.search(*row, search);
      if (!status.ok()) return while_doing("model " + row->name, status.error());
    }
    return {};
  }

  Status single(const ModelRow& row) {
    ModelReport report = start(row.name);
    if (const auto why = row.unfit ? row.unfit(test_) : std::nullopt) {
      report.note = "left out: " + *why;
      report_.models.push_back(std::move(report));
      return {};
    }
    WINNOW_TRY(const FittedModel* const fitted, models_.on_test(row));
    report.train_cpu_s = fitted->cpu_s;
    report.wall_s = fitted->wall_s;
    report.parameters = fitted->trained.parameters;
    report.note = fitted->trained.note;
    if (models_.cut_short(row)) report.note = "the budget ended the search for parameters";
    return finish(std::move(report), *fitted->trained.model);
  }

  // What requests use, with learned weights.
  Status blend() { return mixed(start(std::string(kBlend)), plan_.blended); }

  // The weights that do best on the validation cut over all models; they often leave one alone.
  Status best() { return mixed(start(std::string(kBest)), plan_.trained); }

  Status mixed(ModelReport report, const std::vector<const ModelRow*>& rows) {
    std::set<const FittedModel*> used;
    std::vector<const ScoringModel*> on_validation;
    for (const ModelRow* row : rows) {
      WINNOW_TRY(const FittedModel* const fitted, models_.on_validation(*row));
      on_validation.push_back(fitted->trained.model.get());
      used.insert(fitted);
    }
    const Stopwatch watch;
    WINNOW_RETURN_IF_ERROR(step("learn the weights of " + report.name));
    const std::vector<float> weights = learned_weights(rows, on_validation);
    report.train_cpu_s = watch.cpu_s();
    report.wall_s = watch.wall_s();

    BlendedModels blended;
    std::vector<std::pair<float, std::string>> parts;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      report.parameters["weight." + rows[k]->name] = weights[k];
      if (weights[k] == 0) continue;
      WINNOW_TRY(const FittedModel* const fitted, models_.on_test(*rows[k]));
      used.insert(fitted);
      for (const auto& [name, value] : fitted->trained.parameters) {
        report.parameters[rows[k]->name + "." + name] = value;
      }
      blended.sources.push_back(fitted->trained.model.get());
      blended.weights.push_back(weights[k]);
      parts.emplace_back(weights[k], rows[k]->name);
    }
    for (const FittedModel* fitted : used) {
      report.train_cpu_s += fitted->cpu_s;
      report.wall_s += fitted->wall_s;
    }
    report.note = words_of(std::move(parts));
    if (blended.sources.size() == 1) return finish(std::move(report), *blended.sources.front());
    return finish(std::move(report), blended);
  }

  // What requests use, with the rankers behind it. full: candidates that the full ranker sees.
  Status ranked(const std::string& name, std::size_t full) {
    ModelReport report = start(name);
    if (data_.protocol != Protocol::time_split) {
      report.note = "left out: rankers learn from events with times, which time-split has";
      report_.models.push_back(std::move(report));
      return {};
    }
    const Stopwatch watch;
    Status learned = learn_funnel();
    if (!learned.ok() && learned.error().code == ErrorCode::conflict) {
      report.note = "left out: " + learned.error().message;
      report_.models.push_back(std::move(report));
      return {};
    }
    if (!learned.ok()) return learned;
    report.train_cpu_s = funnel_cpu_s_;
    report.wall_s = watch.wall_s();
    for (const char* engine : {"blend", "light", "full"})
      report.parameters[fmt::format("judged.{}", engine)] = funnel_->report().judgement.ndcg(engine);
    if (options_.segments && !report_.segments) {
      WINNOW_RETURN_IF_ERROR(step("judge by segment"));
      WINNOW_TRY(report_.segments, funnel_->judge(data_, on_test_, options_.seed));
    }
    double mean_us = 0;
    WINNOW_RETURN_IF_ERROR(
        finish(std::move(report), [&](std::size_t length, const EachRanking& each) -> Status {
          WINNOW_TRY(mean_us, funnel_->rank_users(data_, on_test_, full, length, each));
          return {};
        }));
    report_.models.back().parameters["rank_us"] = mean_us;
    return {};
  }

  // Once for both. The weights of the blend are learned anew, in the same way as for `blend`.
  Status learn_funnel() {
    if (funnel_) return {};
    const Stopwatch watch;
    NamedBlend on_validation;
    for (const ModelRow* row : plan_.blended) {
      WINNOW_TRY(const FittedModel* const fitted, models_.on_validation(*row));
      WINNOW_TRY(const FittedModel* const final, models_.on_test(*row));
      on_validation.names.push_back(row->name == "popular_decayed" ? "popular" : row->name);
      on_validation.models.sources.push_back(fitted->trained.model.get());
      on_test_.models.sources.push_back(final->trained.model.get());
    }
    on_validation.models.weights = learned_weights(plan_.blended, on_validation.models.sources);
    on_test_.names = on_validation.names;
    on_test_.models.weights = on_validation.models.weights;
    RankerOptions options = options_.ranker;
    options.seed = options_.seed;
    options.trainer = options_.trainer;
    WINNOW_TRY(Funnel learned,
               Funnel::learn(data_, on_validation, options, [&](std::string_view what, double share) {
                 return step(fmt::format("train {}, {}%", what, static_cast<int>(100 * share))).ok();
               }));
    funnel_ = std::move(learned);
    funnel_cpu_s_ = watch.cpu_s();
    return {};
  }

  // Where there is nobody to learn from, the defaults of serving for its sources, and else the first model.
  std::vector<float> learned_weights(const std::vector<const ModelRow*>& rows,
                                     std::span<const ScoringModel* const> models) const {
    const std::vector<BlendExample> examples = blend_examples(models, data_.validation);
    if (!examples.empty()) return learn_blend(examples, options_.cutoffs.front()).weights;
    std::vector<float> out;
    for (const ModelRow* row : rows) {
      out.push_back(BlendWeights().of(row->name == "popular_decayed" ? "popular" : row->name));
    }
    if (std::ranges::count(out, 0.0f) == std::ssize(out)) out.front() = 1;
    return out;
  }

  static std::string words_of(std::vector<std::pair<float, std::string>> parts) {
    std::ranges::sort(parts, std::greater<>());
    if (parts.size() == 1) return parts[0].second + " alone";
    std::string out;
    for (const auto& [weight, name] : parts) {
      out += fmt::format("{}{} {:.3g}", out.empty() ? "" : " + ", name, weight);
    }
    return out;
  }

  ModelReport start(std::string name) const {
    ModelReport report;
    report.name = std::move(name);
    report.items = data_.items;
    report.events = data_.events;
    return report;
  }

  // models: a ScoringModel or BlendedModels.
  template <class Models>
  Status finish(ModelReport report, const Models& models) {
    return finish(std::move(report), [&](std::size_t length, const EachRanking& each) -> Status {
      rank_users(models, data_.test, length, each);
      return {};
    });
  }

  // rank: (length, each) -> Status, as rank_users.
  template <class Rank>
    requires std::invocable<const Rank&, std::size_t, const EachRanking&>
  Status finish(ModelReport report, const Rank& rank) {
    WINNOW_RETURN_IF_ERROR(step("rank " + report.name));
    const Stopwatch watch;
    MetricsCollector collector(context_, options_.cutoffs, options_.seed);
    WINNOW_RETURN_IF_ERROR(
        rank(collector.longest(), [&](std::uint32_t user, std::span<const std::uint32_t> list) {
          collector.add(list, data_.test.test[user]);
          remember(report.name, list, data_.test.test[user]);
        }));
    report.metrics = collector.values();
    report.users = collector.users();
    report.wall_s += watch.wall_s();
    report.peak_rss_mb = peak_rss_mb();
    report_.models.push_back(std::move(report));
    return {};
  }

  // Every user's own figures, of models that are compared.
  void remember(const std::string& model, std::span<const std::uint32_t> list,
                std::span<const std::uint32_t> relevant) {
    if (std::ranges::find(options_.compared, model) == options_.compared.end()) return;
    for (const std::size_t k : options_.cutoffs) {
      const UserMetrics metrics = user_metrics(list, relevant, k);
      by_user_[model][fmt::format("recall@{}", k)].push_back(metrics.recall);
      by_user_[model][fmt::format("ndcg@{}", k)].push_back(metrics.ndcg);
    }
  }

  void compare() {
    if (options_.compared.size() != 2) return;
    ModelComparison out{options_.compared[0], options_.compared[1], {}, {}};
    for (const ModelReport& model : report_.models) {
      if (model.metrics.empty() && (model.name == out.first || model.name == out.second))
        out.note = fmt::format("{} and {} are not compared: {} was {}", out.first, out.second, model.name,
                               model.note);
    }
    if (out.note.empty()) {
      const auto& second = by_user_[out.second];
      for (const auto& [metric, values] : by_user_[out.first])
        out.metrics[metric] = paired_bootstrap(values, second.at(metric), options_.seed);
    }
    report_.comparison = std::move(out);
  }

  const EvaluationData& data_;
  const EvaluateOptions& options_;
  std::vector<ModelRow> table_;
  TrainingInput test_;
  TrainingInput validation_;
  EvaluationPlan plan_;
  FittedModels models_;
  MetricsContext context_;
  std::optional<Funnel> funnel_;
  NamedBlend on_test_;  // the funnel's sources
  double funnel_cpu_s_ = 0;
  std::map<std::string, std::map<std::string, std::vector<double>>> by_user_;  // model -> metric -> users
  EvaluationReport report_;
};

Status check_models(const std::vector<std::string>& models) {
  if (!models.empty()) return {};
  return Error{ErrorCode::invalid,
               "no model is named; give some of " + fmt::format("{}", fmt::join(model_names(), ", ")),
               "models"};
}

}  // namespace

std::vector<std::string> model_names() {
  std::vector<std::string> out;
  for (const ModelRow& row : model_table()) out.push_back(row.name);
  out.emplace_back(kBlend);
  out.emplace_back(kBest);
  out.insert(out.end(), kRankers.begin(), kRankers.end());
  return out;
}

Result<std::vector<std::string>> parse_models(std::string_view text) {
  const std::vector<std::string> known = model_names();
  std::vector<std::string> out;
  for (const std::string_view word : split(text, ',')) {
    const std::string name(trim(word));
    if (std::ranges::find(known, name) == known.end()) {
      const auto near = nearest(name, known);
      return Error{ErrorCode::invalid,
                   fmt::format("there is no model '{}'; {}", excerpt(name),
                               near ? "did you mean " + *near + "?"
                                    : fmt::format("give some of {}", fmt::join(known, ", "))),
                   "models"};
    }
    if (std::ranges::find(out, name) == out.end()) out.push_back(name);
  }
  return out;
}

Result<std::vector<std::size_t>> parse_cutoffs(std::string_view text) {
  std::vector<std::size_t> out;
  for (const std::string_view word : split(text, ',')) {
    const auto k = parse_int(trim(word));
    if (!k || *k < 1 || *k > static_cast<std::int64_t>(kMaxCutoff)) {
      return Error{ErrorCode::invalid,
                   "--k is '" + excerpt(word) + "'; give whole numbers from 1 to 1000, as 10,20", "--k"};
    }
    const auto cutoff = static_cast<std::size_t>(*k);
    if (std::ranges::find(out, cutoff) == out.end()) out.push_back(cutoff);
  }
  return out;
}

double estimated_seconds(const EvaluationData& data, const EvaluateOptions& options) {
  const std::vector<ModelRow> table = model_table();
  const TrainingInput validation{data,  data.validation, options.seed, {}, options.trainer,
                                 false, options.budget_s};
  return plan_of(table, validation, options).estimated_seconds();
}

Result<EvaluationReport> evaluate(const EvaluationData& data, const EvaluateOptions& options,
                                  const EvaluateProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_models(options.models));
  WINNOW_RETURN_IF_ERROR(options.parameters.check(model_table()));
  const auto ranks = [](std::string_view model) {
    return std::ranges::find(kRankers, model) != kRankers.end();
  };
  if (std::ranges::any_of(options.models, ranks)) WINNOW_RETURN_IF_ERROR(check(options.ranker));
  if (options.cutoffs.empty()) return Error{ErrorCode::invalid, "no k is given; give some, as 10,20", "k"};
  return Evaluation(data, options, progress).run();
}

}  // namespace winnow
