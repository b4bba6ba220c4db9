#include "batch/ranking/examples.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "batch/ranking/moments.h"

namespace winnow {

RankingSet ranking_examples(const NamedBlend& blended, const EvaluationSplit& split,
                            const DividedEvents& moments, const TraitColumns& traits,
                            const ExampleOptions& options) {
  ReplayedState state(traits, split.train.users);
  state.apply(moments.known);
  std::vector<std::vector<TimedInteraction>> later(split.train.users);
  for (const TimedInteraction& event : moments.later) later[event.user].push_back(event);

  const FeatureList features = all_features();
  RankingSet out;
  out.features = names_of(features);
  out.heads.assign(kOutcomes.begin(), kOutcomes.end());
  Random random(options.seed);
  for_each_candidates(
      blended.models.sources, split, options.users,
      [&](std::uint32_t user, const BlendCandidates& candidates) {
        const LaterEvents came{later[user]};
        std::vector<std::uint32_t> rows(candidates.items.size());
        std::iota(rows.begin(), rows.end(), 0u);
        std::vector<float> scores(rows.size());
        blend(std::vector<std::span<const float>>(candidates.opinions.begin(), candidates.opinions.end()),
              blended.models.weights, scores);
        if (rows.size() > options.candidates) {
          random.shuffle(rows);
          std::ranges::stable_sort(rows, std::greater<>(), [&](std::uint32_t row) {
            return came.outcomes_of(candidates.items[row])[0];
          });
          rows.resize(options.candidates);
          std::ranges::sort(rows);
        }
        const std::vector<float> values = moment_features(
            state, {user, later[user].front().time_ms, candidates, blended.names, scores}, rows, features);
        out.values.insert(out.values.end(), values.begin(), values.end());
        for (const std::uint32_t row : rows) {
          for (const float label : came.outcomes_of(candidates.items[row])) out.labels.push_back(label);
        }
        out.weights.resize(out.weights.size() + rows.size(), 1.0f);
        out.groups.push_back(out.weights.size());
        out.time_ms.push_back(later[user].front().time_ms);
      });
  return out;
}

}  // namespace winnow
