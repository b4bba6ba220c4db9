#include "online/rank/candidate_scores.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

namespace winnow {

CandidateScores score_candidates(const RequestScope& scope, const Candidates& candidates,
                                 const Opinions& opinions, const PreparedSources& sources,
                                 const BlendWeights& weights) {
  const ServingModel& model = *scope.model;
  const std::size_t n = candidates.size();
  CandidateScores out;
  out.values.resize(model.sources().size() * n);
  const std::vector<float> silent(n);
  std::vector<std::span<const float>> learned(weights.entries.size(), silent);
  for (std::size_t s = 0; s < model.sources().size(); ++s) {
    const std::string_view name = model.sources()[s]->name();
    const std::span<float> values = std::span(out.values).subspan(s * n, n);
    out.sources.push_back({name, values});
    const auto entry = std::ranges::find(weights.entries, name, &BlendWeights::Entry::source);
    if (entry == weights.entries.end()) {
      for (std::size_t i = 0; i < n; ++i) values[i] = opinions.at(s, candidates.columns[i]);
      continue;
    }
    learned[static_cast<std::size_t>(entry - weights.entries.begin())] = values;
    if (s >= sources.size() || sources[s] == nullptr) continue;
    sources[s]->score(candidates.items, values);
    for (float& value : values) value = std::isfinite(value) ? value : 0.0f;
  }
  out.blend.resize(n);
  blend(learned, weights.values(), out.blend);
  return out;
}

}  // namespace winnow
