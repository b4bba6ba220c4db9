#include "online/rank/rank.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "online/rank/rising.h"

namespace winnow {

namespace {

// Each learned source's opinion of every candidate, one behind the other; zeros for a source that is missing.
std::vector<float> learned_opinions(const Candidates& candidates, const BlendWeights& weights,
                                    const ServingModel& model, const PreparedSources& sources) {
  const std::size_t n = candidates.size();
  std::vector<float> opinions(weights.entries.size() * n, 0.0f);
  for (std::size_t k = 0; k < weights.entries.size(); ++k) {
    const std::size_t s = model.source_index(weights.entries[k].source);
    if (s >= sources.size() || sources[s] == nullptr) continue;
    const std::span<float> values = std::span(opinions).subspan(k * n, n);
    sources[s]->score(candidates.items, values);
    for (float& value : values) value = std::isfinite(value) ? value : 0.0f;
  }
  return opinions;
}

void add_boosts(const Candidates& candidates, const Opinions& opinions, const ServingModel& model,
                const RankOptions& options, std::span<float> scores) {
  for (std::size_t s = 0; s < model.sources().size(); ++s) {
    const auto boost = options.boosts.find(model.sources()[s]->name());
    if (boost == options.boosts.end() || boost->second == 0) continue;
    float best = 0;
    for (const std::uint32_t column : candidates.columns) best = std::max(best, opinions.at(s, column));
    if (best <= 0) continue;
    const float unit = static_cast<float>(boost->second) / best;
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += unit * opinions.at(s, candidates.columns[i]);
  }
}

// What the sources without a learned weight think of every candidate, one behind the other.
std::vector<float> list_opinions(const Candidates& candidates, const Opinions& opinions,
                                 const ServingModel& model) {
  const std::size_t n = candidates.size();
  std::vector<float> out(model.sources().size() * n);
  for (std::size_t s = 0; s < model.sources().size(); ++s) {
    for (std::size_t i = 0; i < n; ++i) out[s * n + i] = opinions.at(s, candidates.columns[i]);
  }
  return out;
}

void replace_by_cascade(const RequestScope& scope, const Ranker& ranker, const Candidates& candidates,
                        const BlendWeights& weights, std::span<const std::span<const float>> learned,
                        const Opinions& opinions, const CascadeOptions& options, RequestTrace& trace,
                        std::span<float> scores) {
  const ServingModel& model = *scope.model;
  const std::vector<float> proposed = list_opinions(candidates, opinions, model);
  std::vector<SourceOpinion> all;
  for (std::size_t s = 0; s < model.sources().size(); ++s) {
    const std::string_view name = model.sources()[s]->name();
    const auto entry = std::ranges::find(weights.entries, name, &BlendWeights::Entry::source);
    all.push_back({name, entry != weights.entries.end()
                             ? learned[static_cast<std::size_t>(entry - weights.entries.begin())]
                             : std::span(proposed).subspan(s * scores.size(), scores.size())});
  }
  const std::vector<float> blended(scores.begin(), scores.end());
  const Status ranked =
      rank_by_cascade({scope.context, candidates, all, blended}, ranker, options, trace, scores);
  if (!ranked.ok()) model.trip(ranked.error().message);
}

bool before(const Ranked::Entry& a, const Ranked::Entry& b) {
  return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
}

}  // namespace

Ranked rank(const RequestScope& scope, const Candidates& candidates, Opinions opinions,
            const PreparedSources& sources, const RankOptions& options, RequestTrace& trace) {
  const ServingModel& model = *scope.model;
  const std::size_t n = candidates.size();
  std::optional<RequestTrace::Timer> timer(std::in_place, trace, "rank");
  const BlendWeights& weights = model.bundle() != nullptr ? model.bundle()->blend : options.weights;
  const std::vector<float> learned = learned_opinions(candidates, weights, model, sources);
  std::vector<std::span<const float>> raw;
  for (std::size_t k = 0; k < weights.entries.size(); ++k)
    raw.push_back(std::span(learned).subspan(k * n, n));
  std::vector<float> scores(n);
  blend(raw, weights.values(), scores);
  // Asked for once: another request may trip it meanwhile.
  const Ranker* const ranker = model.ranker();
  if (ranker != nullptr && options.cascade.full > 0 && n > 0) {
    timer.reset();
    replace_by_cascade(scope, *ranker, candidates, weights, raw, opinions, options.cascade, trace, scores);
    timer.emplace(trace, "rank");
  }
  add_boosts(candidates, opinions, model, options, scores);
  add_rising_boost(*scope.context.trends, scope.query.now_ms, options.rising_boost, candidates.items, scores);

  Ranked ranked;
  ranked.opinions = std::move(opinions);
  ranked.entries.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    ranked.entries[i] = {candidates.items[i], std::isfinite(scores[i]) ? scores[i] : 0.0f,
                         candidates.proposed_by[i], candidates.columns[i]};
  }
  ranked.sorted = std::min(scope.query.count, n);
  const auto middle = ranked.entries.begin() + static_cast<std::ptrdiff_t>(ranked.sorted);
  std::nth_element(ranked.entries.begin(), middle, ranked.entries.end(), before);
  std::sort(ranked.entries.begin(), middle, before);
  return ranked;
}

}  // namespace winnow
