#include "online/rank/rank.h"

#include <algorithm>
#include <cmath>

namespace winnow {

Ranked rank(const Candidates& candidates, const ServingModel& model, const PreparedSources& sources,
            const RankOptions& options) {
  const std::size_t n = candidates.size();
  std::vector<float> opinions(sources.size() * n, 0.0f);
  const auto opinions_of = [&](std::size_t s) { return std::span(opinions).subspan(s * n, n); };
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (sources[s] == nullptr) continue;
    sources[s]->score(candidates.items, opinions_of(s));
    for (float& value : opinions_of(s)) value = std::isfinite(value) ? value : 0.0f;
  }

  const std::vector<float> silent(n, 0.0f);
  const auto learned = [&](std::string_view name) -> std::span<const float> {
    const std::size_t s = model.source_index(name);
    return s < sources.size() ? std::span<const float>(opinions_of(s)) : std::span<const float>(silent);
  };
  std::vector<float> scores(n);
  const BlendWeights& weights = model.bundle() != nullptr ? model.bundle()->blend : options.weights;
  blend({learned("als"), learned("item_to_item"), learned("popular")}, weights, scores);

  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto boost = options.boosts.find(model.sources()[s]->name());
    if (boost == options.boosts.end() || boost->second == 0 || n == 0) continue;
    const auto values = opinions_of(s);
    const float best = *std::max_element(values.begin(), values.end());
    if (best <= 0) continue;
    for (std::size_t i = 0; i < n; ++i) scores[i] += static_cast<float>(boost->second) * values[i] / best;
  }

  Ranked ranked;
  ranked.entries.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    ranked.entries[i] = {candidates.items[i], std::isfinite(scores[i]) ? scores[i] : 0.0f,
                         candidates.proposed_by[i], i};
  }
  ranked.opinions = std::move(opinions);
  ranked.stride = n;
  std::sort(ranked.entries.begin(), ranked.entries.end(), [](const Ranked::Entry& a, const Ranked::Entry& b) {
    return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
  });
  return ranked;
}

}  // namespace winnow
