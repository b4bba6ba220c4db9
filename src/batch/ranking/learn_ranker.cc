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

}  // namespace

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
  auto trained = train_ranker(examples, options, job.live, [&](std::string_view, double share) {
    return !progress || progress(static_cast<std::size_t>(100 * share), 100);
  });
  LearnedRanker out;
  if (!trained.ok()) {
    const ErrorCode code = trained.error().code;
    if (code != ErrorCode::conflict && code != ErrorCode::not_found && code != ErrorCode::unavailable)
      return trained.error();
    out.note = trained.error().message;
    return out;
  }
  out.report = std::move(trained->report);
  out.report->examples = from_shown ? "shown" : "history";
  out.report->answers = shown.answers;
  out.report->answers_with_outcome = shown.with_outcome;
  out.note = out.report->note;
  if (out.report->judgement.ndcg("full") <= out.report->judgement.ndcg("blend")) {
    out.note = "the ranker's order is no better than the blend's, which ranks alone";
    return out;
  }
  out.model = std::make_shared<const RankerModel>(std::move(trained->model));
  return out;
}

}  // namespace winnow
