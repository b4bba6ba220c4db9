#include "batch/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"
#include "batch/dataset/item_facts.h"
#include "batch/job_run.h"
#include "batch/job_steps.h"
#include "batch/ranking/learn_ranker.h"
#include "batch/train/refresh_models.h"
#include "batch/train/tune.h"
#include "batch/validate/judge.h"
#include "batch/validate/live_version.h"

namespace winnow {

namespace {

// The live version as a rival; null when there is none, or when it cannot be read: a damaged version must not
// keep its successor from being trained.
std::shared_ptr<const ModelBundle> live_version(const ModelRegistry& registry) {
  const auto version = registry.live();
  if (!version.ok() || !version->has_value()) return nullptr;
  auto bundle = registry.load(**version);
  return bundle.ok() ? std::move(bundle).value() : nullptr;
}

bool trains_two_tower(const ModelOptions& models) {
  return std::ranges::find(models.extra, "two_tower") != models.extra.end();
}

Result<Prepared> prepare(const JobInputs& in, LogPosition last, const TrainOptions& options,
                         const JobProgress& progress) {
  Prepared out;
  WINNOW_TRY(Extracted extracted, extract(in.log, last, options.extract, progress));
  out.extract = extracted.report;
  std::vector<std::string> item_ids = std::move(extracted.events.item_ids);
  WINNOW_TRY(const ItemFacts facts, item_facts(in.catalog, item_ids));
  Cleaned cleaned = clean(std::move(extracted.events), in.feedback, facts.durations_s, options.clean);
  out.clean = cleaned.report;
  FeatureBags profiles;
  if (trains_two_tower(options.models)) {
    WINNOW_TRY(profiles, profile_bags(in.catalog, extracted.users));
  }
  out.data = make_dataset(std::move(cleaned.pairs), std::move(item_ids), profiles);
  return out;
}

Error nothing_to_learn(const Prepared& prepared) {
  return {
      ErrorCode::conflict,
      fmt::format(
          "there is nothing to learn from: {} events in the window left {} pairs of user and item; import "
          "events, widen train.window_days or name more actions in feedback.positive",
          with_thousands(prepared.extract.events), with_thousands(prepared.clean.pairs))};
}

// Read by the two-tower model alone: without it there are none.
Result<FeatureBags> features_for(const ModelOptions& models, const ModelBundle* live, const JobInputs& in,
                                 const std::vector<std::string>& item_ids) {
  if (!trains_two_tower(models) && (live == nullptr || !live->models.two_tower)) return FeatureBags{};
  return item_feature_bags(in.catalog, item_ids);
}

Result<Fitted> fit(const Parts& parts, const TrainingData& data, const TrainOptions& options,
                   const TrainProgress& progress) {
  ModelOptions models = options.models;
  models.popularity.half_life_days =
      choose_half_life(parts.fit, parts.validation, options.popularity_half_lives);
  WINNOW_TRY(ModelSet trained, train_models(data, models, progress));
  const BlendWeights blend = choose_blend(trained, parts.validation);
  return Fitted{std::move(trained), blend, models.popularity.half_life_days};
}

JobReport::Data describe(const Dataset& data, const Parts& parts) {
  return {.users = data.pairs.users,
          .items = data.pairs.items,
          .pairs = data.pairs.size(),
          .liked = static_cast<std::uint64_t>(std::count(data.liked.begin(), data.liked.end(), 1)),
          .fit_pairs = parts.fit.size(),
          .cut = parts.kind,
          .validation_users = judged_users(parts.validation),
          .test_users = judged_users(parts.test),
          .test_users_without_history = parts.test.users_without_history};
}

// What a version carries about itself. Nothing here depends on how often the job was stopped.
ModelBundle bundle_of(ModelSet models, const Prepared& prepared, const JobReport& report,
                      double decay_per_day) {
  ModelBundle bundle{.version = {},
                     .item_ids = prepared.data.item_ids,
                     .models = std::move(models),
                     .blend = report.blend,
                     .metrics = {},
                     .statistics = {}};
  for (const auto& [model, metrics] : report.judgement.models) {
    for (const auto& [name, metric] : metrics) {
      if (std::isfinite(metric.value)) bundle.metrics[fmt::format("{}.{}", model, name)] = metric.value;
    }
  }
  bundle.statistics = {{"events", static_cast<double>(report.extract.events)},
                       {"users", static_cast<double>(report.data.users)},
                       {"items", static_cast<double>(report.data.items)},
                       {"pairs", static_cast<double>(report.data.pairs)},
                       {"judged_users", static_cast<double>(report.judgement.users)},
                       {"oldest_event_ms", static_cast<double>(report.extract.oldest_ms)},
                       {kNewestEventStatistic, static_cast<double>(report.extract.newest_ms)},
                       {kHeldOutStatistic, report.judgement.held_out_id},
                       {"decay_per_day", decay_per_day},
                       {"popularity_half_life_days", report.popularity_half_life_days}};
  for (const StepTime& step : report.steps) {
    if (step.step == "evaluate") continue;  // done anew when another version has come to live
    bundle.statistics["train_seconds"] += step.seconds;
    bundle.statistics["train_cpu_seconds"] += step.cpu_seconds;
  }
  return bundle;
}

// What was measured of the version that this one came of says the most about it.
void inherit_judgement(const ModelBundle& live, ModelBundle& bundle) {
  bundle.metrics = live.metrics;
  for (const char* name : {kHeldOutStatistic, "judged_users"}) {
    bundle.statistics[name] = statistic_of(live, name, 0);
  }
  bundle.statistics[kRefreshedStatistic] = 1;
}

using Indexes = decltype(ModelBundle::indexes);

Result<Indexes> build_indexes(const ModelSet& models, const Interactions& history,
                              const ModelIndexOptions& options) {
  Indexes out;
  for (const auto& [name, model] : vector_models(models)) {
    WINNOW_TRY(auto index, build_model_index(*model, history, options));
    if (index) out.emplace(name, std::move(index));
  }
  return out;
}

// Everything that the steps of one job share.
struct Job {
  const JobInputs& in;
  const TrainOptions& options;
  const Prepared& prepared;
  const FeatureBags& item_features;
  std::shared_ptr<const ModelBundle> live;  // null when there is none
  JobRun& run;

  TrainingData on(const Interactions& pairs) const { return {pairs, item_features, prepared.data.profiles}; }
};

// Trains on the first part, chooses on the second, judges on the third. What passes is trained once more, on
// everything; what does not is returned as it was judged.
Result<ModelSet> train_anew(const Job& job, LogPosition last, JobReport& report,
                            std::shared_ptr<const RankerModel>& ranker) {
  const TrainOptions& options = job.options;
  const Parts parts = divide(job.prepared.data, options.parts);
  if (parts.fit.size() == 0) return nothing_to_learn(job.prepared);
  WINNOW_TRY(Fitted fitted, job.run.step<Fitted>("train", [&] {
    return fit(parts, job.on(parts.fit), options, job.run.within("train"));
  }));
  const auto judged = [&]() -> Result<Judgement> {
    WINNOW_TRY(const ItemFacts facts, item_facts(job.in.catalog, job.prepared.data.item_ids));
    return judge({.data = job.prepared.data,
                  .test = parts.test,
                  .models = fitted.models,
                  .weights = fitted.blend,
                  .categories = facts.categories,
                  .live = job.live,
                  .seed = options.seed});
  };
  WINNOW_TRY(report.judgement,
             job.run.step<Judgement>("evaluate", judged, job.live ? "-" + job.live->version : ""));
  report.data = describe(job.prepared.data, parts);
  report.popularity_half_life_days = fitted.popularity_half_life_days;
  report.blend = fitted.blend;
  report.gates = check_gates({report.judgement, report.data.pairs, all_finite(fitted.models)}, options.gates);
  report.refusal = refusal(report.gates);
  if (!report.refusal.empty()) return std::move(fitted.models);
  const auto live_ranker = job.live ? job.live->ranker : nullptr;
  LearnedRanker learned;
  if (options.rank) {
    WINNOW_TRY(learned, job.run.unsaved<LearnedRanker>("rank", [&] {
      return learn_ranker({job.in, options, job.prepared.data, parts, fitted, last, live_ranker},
                          job.run.within("rank"));
    }));
  } else if (live_ranker != nullptr) {
    learned = live_ranker_stays(live_ranker, "none was to be learned (--ranker, ranking.train)");
  }
  ranker = std::move(learned.model);
  report.ranker = std::move(learned.report);
  report.ranker_note = std::move(learned.note);

  ModelOptions chosen = options.models;
  chosen.popularity.half_life_days = fitted.popularity_half_life_days;
  return job.run.step<ModelSet>("retrain", [&] {
    return train_models(job.on(job.prepared.data.pairs), chosen, job.run.within("retrain"));
  });
}

// The live version moved on to all that has happened since.
Result<ModelSet> refresh(const Job& job, JobReport& report) {
  if (job.live == nullptr) {
    return Error{ErrorCode::conflict,
                 "there is no live version to refresh: run winnow train without --refresh"};
  }
  const Dataset& data = job.prepared.data;
  report.refreshed = true;
  report.data = describe(data, {});
  report.blend = job.live->blend;
  report.popularity_half_life_days = statistic_of(*job.live, "popularity_half_life_days", 0);
  ModelOptions chosen = job.options.models;
  chosen.popularity.half_life_days = report.popularity_half_life_days;
  return job.run.step<ModelSet>(
      "refresh",
      [&] {
        return refresh_models(job.live->models, rows_in(data.item_ids, job.live->item_ids),
                              job.on(data.pairs), chosen, job.run.within("refresh"));
      },
      "-" + job.live->version);
}

}  // namespace

Status check(const TrainOptions& options) {
  const auto rule = [](bool holds, std::string_view field, double value, std::string_view allowed) -> Status {
    if (holds) return {};
    return Error{ErrorCode::invalid, fmt::format("{} is {}: give {}", field, value, allowed),
                 std::string(field)};
  };
  const auto share = [&](double value, std::string_view field) {
    return rule(value > 0 && value <= 0.4, field, value, "a share above 0, at most 0.4");
  };
  const auto at_least_zero = [&](double value, std::string_view field) {
    return rule(std::isfinite(value) && value >= 0, field, value, "a number of at least 0");
  };
  WINNOW_RETURN_IF_ERROR(at_least_zero(options.extract.window_days, "train.window_days"));
  WINNOW_RETURN_IF_ERROR(at_least_zero(options.clean.session_minutes, "train.session_minutes"));
  WINNOW_RETURN_IF_ERROR(at_least_zero(options.clean.decay_per_day, "train.decay_per_day"));
  WINNOW_RETURN_IF_ERROR(share(options.parts.validation_share, "train.validation_share"));
  WINNOW_RETURN_IF_ERROR(share(options.parts.test_share, "train.test_share"));
  WINNOW_RETURN_IF_ERROR(at_least_zero(options.gates.tolerance, "train.tolerance"));
  WINNOW_RETURN_IF_ERROR(at_least_zero(options.gates.min_spread, "train.min_spread"));
  WINNOW_RETURN_IF_ERROR(rule(!options.popularity_half_lives.empty(), "train.popularity_half_lives", 0,
                              "at least one number of days"));
  for (const double half_life_days : options.popularity_half_lives) {
    WINNOW_RETURN_IF_ERROR(at_least_zero(half_life_days, "train.popularity_half_lives"));
  }
  return options.rank ? check(options.ranker) : Status();
}

Result<JobReport> run_training(const JobInputs& in, const TrainOptions& asked, const JobProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check(asked));
  TrainOptions options = asked;
  options.parts.seed = options.index.seed = options.seed;
  options.models.als.seed = options.models.spectral.seed = options.models.graph.seed =
      options.models.two_tower.seed = options.seed;

  const LogPosition last = in.log.statistics().last;
  WINNOW_TRY(const WorkFolder work, WorkFolder::open(in.work_folder, fingerprint(in, options)));
  JobRun run(work, progress);
  WINNOW_TRY(const Started started, run.step<Started>("start", [&] { return Started{in.clock.now_ms()}; }));

  WINNOW_TRY(const Prepared prepared,
             run.step<Prepared>("prepare", [&] { return prepare(in, last, options, progress); }));
  if (prepared.data.pairs.size() == 0) return nothing_to_learn(prepared);

  const std::shared_ptr<const ModelBundle> live = live_version(in.registry);
  WINNOW_TRY(const FeatureBags item_features,
             features_for(options.models, live.get(), in, prepared.data.item_ids));
  const Job job{in, options, prepared, item_features, live, run};
  JobReport report{.extract = prepared.extract, .clean = prepared.clean};
  report.previous_live = job.live ? job.live->version : "";
  std::shared_ptr<const RankerModel> ranker = options.refresh && live ? live->ranker : nullptr;
  WINNOW_TRY(ModelSet models, options.refresh ? refresh(job, report) : train_anew(job, last, report, ranker));
  if (report.refusal.empty() && !all_finite(models)) {
    report.refusal = "a parameter of the model trained on everything is not finite";
  }
  Indexes indexes;
  if (report.refusal.empty()) {
    WINNOW_TRY(indexes, run.unsaved<Indexes>("index", [&] {
      return build_indexes(models, prepared.data.pairs, options.index);
    }));
  }
  report.steps = run.times();

  ModelBundle bundle = bundle_of(std::move(models), prepared, report, options.clean.decay_per_day);
  if (report.refreshed) inherit_judgement(*job.live, bundle);
  bundle.indexes = std::move(indexes);
  bundle.ranker = std::move(ranker);
  bundle.created_ms = started.now_ms;
  bundle.trained_to = last;
  WINNOW_TRY(Rollout rollout, roll_out(in.registry, std::move(bundle), report.refusal, options.rollout));
  report.version = std::move(rollout.version);
  report.promoted = rollout.promoted;
  WINNOW_RETURN_IF_ERROR(work.clear());
  return report;
}

}  // namespace winnow
