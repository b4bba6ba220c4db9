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

Result<Prepared> prepare(const JobInputs& in, LogPosition last, const TrainOptions& options,
                         const JobProgress& progress) {
  Prepared out;
  WINNOW_TRY(Extracted extracted, extract(in.log, last, options.extract, progress));
  out.extract = extracted.report;
  std::vector<std::string> item_ids = std::move(extracted.events.item_ids);
  WINNOW_TRY(const ItemFacts facts, item_facts(in.catalog, item_ids));
  Cleaned cleaned = clean(std::move(extracted.events), in.feedback, facts.durations_s, options.clean);
  out.clean = cleaned.report;
  out.data = make_dataset(std::move(cleaned.pairs), std::move(item_ids));
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

Result<Fitted> fit(const Parts& parts, const TrainOptions& options, const TrainProgress& progress) {
  ModelOptions models = options.models;
  models.popularity.half_life_days =
      choose_half_life(parts.fit, parts.validation, options.popularity_half_lives);
  WINNOW_TRY(ModelSet trained, train_models(parts.fit, models, progress));
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
  return {};
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

  // Extract, clean, dataset, and its parts by time.
  WINNOW_TRY(const Prepared prepared,
             run.step<Prepared>("prepare", [&] { return prepare(in, last, options, progress); }));
  const Parts parts = divide(prepared.data, options.parts);
  if (parts.fit.size() == 0) return nothing_to_learn(prepared);

  // Train on the first part, choose on the second, judge on the third.
  WINNOW_TRY(Fitted fitted,
             run.step<Fitted>("train", [&] { return fit(parts, options, run.within("train")); }));
  const auto live = live_version(in.registry);
  WINNOW_TRY(Judgement judgement, run.step<Judgement>(
                                      "evaluate",
                                      [&]() -> Result<Judgement> {
                                        WINNOW_TRY(const ItemFacts facts,
                                                   item_facts(in.catalog, prepared.data.item_ids));
                                        return judge({.data = prepared.data,
                                                      .test = parts.test,
                                                      .models = fitted.models,
                                                      .weights = fitted.blend,
                                                      .categories = facts.categories,
                                                      .live = live,
                                                      .seed = options.seed});
                                      },
                                      live ? "-" + live->version : ""));

  JobReport report{.extract = prepared.extract,
                   .clean = prepared.clean,
                   .data = describe(prepared.data, parts),
                   .popularity_half_life_days = fitted.popularity_half_life_days,
                   .blend = fitted.blend,
                   .judgement = std::move(judgement)};
  report.previous_live = live ? live->version : "";
  report.gates = check_gates({report.judgement, report.data.pairs, all_finite(fitted.models)}, options.gates);
  report.refusal = refusal(report.gates);

  // What passed is trained once more, on everything; what did not is registered as it was judged.
  ModelOptions chosen = options.models;
  chosen.popularity.half_life_days = fitted.popularity_half_life_days;
  if (report.refusal.empty()) {
    WINNOW_TRY(fitted.models, run.step<ModelSet>("retrain", [&] {
      return train_models(prepared.data.pairs, chosen, run.within("retrain"));
    }));
    if (!all_finite(fitted.models))
      report.refusal = "a parameter of the model trained on everything is not finite";
  }
  Indexes indexes;
  if (report.refusal.empty()) {
    WINNOW_TRY(indexes, run.unsaved<Indexes>("index", [&] {
      return build_indexes(fitted.models, prepared.data.pairs, options.index);
    }));
  }
  report.steps = run.times();

  ModelBundle bundle = bundle_of(std::move(fitted.models), prepared, report, options.clean.decay_per_day);
  bundle.indexes = std::move(indexes);
  bundle.created_ms = started.now_ms;
  bundle.trained_to = last;
  WINNOW_TRY(Rollout rollout, roll_out(in.registry, std::move(bundle), report.refusal, options.rollout));
  report.version = std::move(rollout.version);
  report.promoted = rollout.promoted;
  WINNOW_RETURN_IF_ERROR(work.clear());
  return report;
}

}  // namespace winnow
