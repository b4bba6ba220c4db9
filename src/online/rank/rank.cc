#include "online/rank/rank.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "math/score_keys.h"
#include "math/score_scale.h"
#include "online/rank/rising.h"

namespace winnow {

namespace {

void add_boosts(const Candidates& candidates, const Opinions& opinions, const ServingModel& model,
                const RankOptions& options, std::span<float> scores) {
  if (candidates.size() == 0) return;
  std::vector<float> of_source(candidates.size());
  for (std::size_t s = 0; s < model.sources().size(); ++s) {
    const auto boost = options.boosts.find(model.sources()[s]->name());
    if (boost == options.boosts.end() || boost->second == 0) continue;
    for (std::size_t i = 0; i < of_source.size(); ++i) of_source[i] = opinions.at(s, candidates.columns[i]);
    const float best = largest(of_source);
    if (best <= 0) continue;
    const float unit = static_cast<float>(boost->second) / best;
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += unit * of_source[i];
  }
}

bool before(const Ranked::Entry& a, const Ranked::Entry& b) {
  return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
}

}  // namespace

Ranking rank(const RequestScope& scope, const Candidates& candidates, Opinions opinions,
             const PreparedSources& sources, const RankOptions& options, RequestTrace& trace) {
  const ServingModel& model = *scope.model;
  const std::size_t n = candidates.size();
  std::optional<RequestTrace::Timer> timer(std::in_place, trace, "rank");
  const BlendWeights& weights = model.bundle() != nullptr ? model.bundle()->blend : options.weights;
  Ranking out;
  out.scores = score_candidates(scope, candidates, opinions, sources, weights);
  std::vector<float> scores = out.scores.blend;
  // Asked for once: another request may trip it meanwhile.
  const Ranker* const ranker = model.ranker();
  if (ranker != nullptr && options.cascade.full > 0 && n > 0) {
    timer.emplace(trace, "features");
    out.frame.emplace(scope.context, candidates, out.scores);
    timer.reset();
    const Status ranked =
        rank_by_cascade({out.frame->frame(), *scope.context.items}, *ranker, options.cascade, trace, scores);
    if (!ranked.ok()) model.trip(ranked.error());
    timer.emplace(trace, "rank");
  }
  add_boosts(candidates, opinions, model, options, scores);
  add_rising_boost(*scope.context.trends, scope.query.now_ms, options.rising_boost, candidates.items, scores);

  Ranked& ranked = out.ranked;
  ranked.opinions = std::move(opinions);
  ranked.entries.resize(n);
  std::vector<std::uint64_t> keys(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    const float score = std::isfinite(scores[i]) ? scores[i] : 0.0f;
    ranked.entries[i] = {candidates.items[i], score, candidates.proposed_by[i], candidates.columns[i], i};
    keys[i] = score_key(score, row(candidates.items[i]));
  }
  ranked.sorted = std::min(scope.query.count, n);
  if (ranked.sorted > 0) {
    const std::uint64_t least = kth_biggest(keys, ranked.sorted);
    const auto middle = std::partition(ranked.entries.begin(), ranked.entries.end(),
                                       [&](const auto& entry) { return keys[entry.candidate] >= least; });
    std::sort(ranked.entries.begin(), middle, before);
  }
  return out;
}

}  // namespace winnow
