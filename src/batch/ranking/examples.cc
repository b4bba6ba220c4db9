#include "batch/ranking/examples.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"

namespace winnow {

namespace {

// All rows with an outcome, and of the others, drawn at random, as many as fit; ascending.
std::vector<std::uint32_t> sampled_rows(const BlendCandidates& candidates, const LaterEvents& came,
                                        std::size_t most, Random& random) {
  std::vector<std::uint32_t> rows(candidates.items.size());
  std::iota(rows.begin(), rows.end(), 0u);
  if (rows.size() <= most) return rows;
  random.shuffle(rows);
  std::ranges::stable_partition(
      rows, [&](std::uint32_t row) { return came.outcomes_of(candidates.items[row])[0] > 0; });
  rows.resize(most);
  std::ranges::sort(rows);
  return rows;
}

// Without what the user has met already: a request would have dropped it.
BlendCandidates unseen(const BlendCandidates& candidates, const UserState& user) {
  BlendCandidates out;
  out.opinions.resize(candidates.opinions.size());
  for (std::size_t i = 0; i < candidates.items.size(); ++i) {
    if (user.has_acted_on(ItemIndex{candidates.items[i]})) continue;
    out.items.push_back(candidates.items[i]);
    for (std::size_t s = 0; s < out.opinions.size(); ++s)
      out.opinions[s].push_back(candidates.opinions[s][i]);
  }
  return out;
}

}  // namespace

std::vector<float> blended_scores(const NamedBlend& blended, const BlendCandidates& candidates) {
  std::vector<float> scores(candidates.items.size());
  blend(std::vector<std::span<const float>>(candidates.opinions.begin(), candidates.opinions.end()),
        blended.models.weights, scores);
  return scores;
}

RankingSet ranking_examples(const NamedBlend& blended, const EvaluationSplit& split, const Past& past,
                            const ExampleOptions& options) {
  const FeatureList features = all_features();
  RankingSet out;
  out.features = names_of(features);
  out.heads.assign(kOutcomes.begin(), kOutcomes.end());
  Random random(options.seed);
  std::uint64_t without_outcome = 0;
  std::uint64_t kept_without = 0;
  const auto add = [&](std::uint32_t user, const BlendCandidates& proposed) {
    const BlendCandidates candidates = unseen(proposed, past.state.user(user));
    const auto later = past.later.find(user);
    if (candidates.items.empty() || later == past.later.end()) return;
    const LaterEvents came{later->second};
    const std::vector<float> scores = blended_scores(blended, candidates);
    const TimestampMs now_ms = later->second.front().time_ms;
    const RankingMoment moment{user, now_ms, candidates, blended.names, scores};
    const MomentFrame at(past.state, moment);
    const std::vector<std::uint32_t> rows = sampled_rows(candidates, came, options.candidates, random);
    const std::size_t begin = out.values.size();
    out.values.resize(begin + rows.size() * features.size());
    compute_features(at.frame(), features, rows, std::span(out.values).subspan(begin));
    std::uint64_t outcomes = 0;
    for (const std::uint32_t row : rows) {
      const auto labels = came.outcomes_of(candidates.items[row]);
      out.labels.insert(out.labels.end(), labels.begin(), labels.end());
      outcomes += labels[0] > 0 ? 1 : 0;
    }
    without_outcome += candidates.items.size() - outcomes;
    kept_without += rows.size() - outcomes;
    out.weights.resize(out.weights.size() + rows.size(), 1.0f);
    out.groups.push_back(out.weights.size());
    out.time_ms.push_back(now_ms);
  };
  for_each_candidates(blended.models.sources, split, options.users, add);
  if (kept_without > 0)
    out.negatives_kept = static_cast<double>(kept_without) / static_cast<double>(without_outcome);
  return out;
}

}  // namespace winnow
