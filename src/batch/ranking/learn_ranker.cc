#include "batch/ranking/learn_ranker.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "batch/ranking/examples.h"
#include "batch/ranking/shown_examples.h"
#include "batch/ranking/validation_past.h"

namespace winnow {
namespace {

Result<RankingSet> history_examples(const RankerJob& job) {
  WINNOW_TRY(const Extracted extracted, extract(job.in.log, job.last, job.options.extract));
  WINNOW_TRY(const TraitColumns traits, trait_columns(job.in.catalog, job.data.item_ids));
  const Past past = validation_past(extracted.events, job.data, job.parts, job.in.feedback, traits,
                                    job.options.ranker.replay);
  NamedBlend blend;
  blend.models = blended_models(job.fitted.models, job.fitted.blend);
  for (const auto& [name, model] : scoring_models(job.fitted.models)) blend.names.emplace_back(name);
  return ranking_examples(blend, job.parts.validation, past, {.seed = job.options.seed});
}

// None where what answers show is not logged.
Result<ShownExamples> logged_examples(const RankerJob& job, const TrainProgress& progress) {
  if (job.in.impressions == nullptr || job.in.states == nullptr) return ShownExamples{};
  ShownExampleOptions options = job.options.shown;
  options.set.seed = job.options.seed;
  return shown_examples({.log = job.in.log,
                         .catalog = job.in.catalog,
                         .feedback = job.in.feedback,
                         .served = *job.in.impressions,
                         .states = *job.in.states,
                         .last = job.last},
                        options, [&](std::string_view, std::size_t done, std::size_t total) {
                          return !progress || progress(done, total);
                        });
}

// By one standard error of the difference, about: what is luck goes live one time in six.
bool surely_better(const RankingJudgement& judgement, std::string_view engine) {
  constexpr double kSure = 0.84;
  const JudgedOrder* const order = judgement.find("all", kCombined, engine);
  return order != nullptr && order->gain && order->gain->share_better >= kSure;
}

}  // namespace

LearnedRanker live_ranker_stays(std::shared_ptr<const RankerModel> live, std::string_view reason) {
  const std::string_view instead = live != nullptr ? "the live version's ranker stays" : "the blend ranks";
  return {.model = std::move(live), .report = {}, .note = fmt::format("{}: {}", reason, instead)};
}

Result<LearnedRanker> learn_ranker(const RankerJob& job, const TrainProgress& progress) {
  RankerOptions options = job.options.ranker;
  options.seed = job.options.seed;
  if (options.trainer.empty()) options.trainer = job.options.models.trainer;
  WINNOW_TRY(ShownExamples shown, logged_examples(job, progress));
  const bool from_shown = shown.set.rows() > 0;
  RankingSet examples = std::move(shown.set);
  if (!from_shown) {
    WINNOW_TRY(examples, history_examples(job));
  }
  auto trained = train_ranker(examples, options, job.live.get(), [&](std::string_view, double share) {
    return !progress || progress(static_cast<std::size_t>(100 * share), 100);
  });
  if (!trained.ok()) {
    const ErrorCode code = trained.error().code;
    if (code != ErrorCode::conflict && code != ErrorCode::not_found && code != ErrorCode::unavailable)
      return trained.error();
    return live_ranker_stays(job.live, trained.error().message);
  }
  RankerReport report = std::move(trained->report);
  report.examples = from_shown ? "shown" : "history";
  report.answers = shown.answers;
  report.answers_with_outcome = shown.with_outcome;
  LearnedRanker out;
  if (surely_better(report.judgement, "full")) {
    out.model = std::make_shared<const RankerModel>(std::move(trained->model));
    out.note = report.note;
  } else {
    const bool live_is_better = surely_better(report.judgement, "live");
    out = live_ranker_stays(live_is_better ? job.live : nullptr,
                            "the new ranker's order is not surely better than the blend's");
  }
  out.report = std::move(report);
  return out;
}

}  // namespace winnow
