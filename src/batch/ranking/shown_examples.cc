#include "batch/ranking/shown_examples.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "batch/impressions/state_features.h"
#include "features/feature_schema.h"

namespace winnow {
namespace {

TrainingSetOptions set_options(const ShownExampleOptions& options, std::uint64_t answers) {
  TrainingSetOptions out = options.set;
  out.source = TrainingSetOptions::Source::impressions;
  out.served_only = true;
  out.whole_windows = true;
  out.thinning.whole_groups = true;
  out.thinning.negatives_kept = 0;
  out.answers_share = std::min(1.0, static_cast<double>(options.most) / static_cast<double>(answers));
  return out;
}

// Leaves out the outcomes that are not known yet of nine rows in ten: a young log's windows are not over.
void drop_unknown_heads(RankingSet& set) {
  constexpr std::size_t kRowsAKnownOne = 10;
  const std::size_t heads = set.heads.size();
  std::vector<std::size_t> kept;
  for (std::size_t head = 0; head < heads; ++head) {
    std::size_t known = 0;
    for (std::size_t r = 0; r < set.rows(); ++r) known += std::isnan(set.labels_of(r)[head]) ? 0 : 1;
    if (known * kRowsAKnownOne >= set.rows()) kept.push_back(head);
  }
  if (kept.size() == heads) return;
  std::vector<float> labels;
  for (std::size_t r = 0; r < set.rows(); ++r) {
    for (const std::size_t head : kept) labels.push_back(set.labels_of(r)[head]);
  }
  std::vector<std::string> names;
  for (const std::size_t head : kept) names.push_back(set.heads[head]);
  set.labels = std::move(labels);
  set.heads = std::move(names);
}

}  // namespace

Result<ShownExamples> shown_examples(const ShownInputs& inputs, const ShownExampleOptions& options,
                                     const JobProgress& progress) {
  ShownExamples out;
  out.answers = inputs.served.statistics().impressions;
  if (out.answers < std::max<std::uint64_t>(options.least, 1)) return out;
  const FeatureList features = all_features();
  const TrainingSetInputs set_inputs{.log = inputs.log,
                                     .catalog = inputs.catalog,
                                     .feedback = inputs.feedback,
                                     .states = inputs.states,
                                     .feature_names = names_of(features),
                                     .features = state_features(features, inputs.catalog),
                                     .served = &inputs.served,
                                     .last = inputs.last};
  auto built = build_training_set(set_inputs, set_options(options, out.answers), progress);
  if (!built.ok()) {
    if (built.error().code == ErrorCode::conflict) return out;  // of none of them an impression came back
    return built.error();
  }
  WINNOW_RETURN_IF_ERROR(inputs.states.clear());
  RankingSet& set = built->set.ranking;
  drop_unknown_heads(set);
  if (set.heads.empty()) return out;
  out.with_outcome = groups_with_outcome(set, head_or_first(set, "click"));
  if (out.with_outcome >= options.least) out.set = std::move(set);
  return out;
}

}  // namespace winnow
