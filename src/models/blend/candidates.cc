#include "models/blend/candidates.h"

#include <algorithm>

#include "base/check.h"
#include "math/top_k.h"

namespace winnow {

BlendCandidates blend_candidates(std::span<const std::span<const float>> scores,
                                 std::span<const std::uint32_t> masked, std::size_t depth) {
  BlendCandidates out;
  std::vector<float> allowed;
  for (const std::span<const float> all : scores) {
    if (all.empty()) continue;
    allowed.assign(all.begin(), all.end());
    for (const std::uint32_t item : masked) allowed[item] = kMasked;
    for (const ScoredRow& found : top_k(allowed, depth)) {
      if (found.score != 0) out.items.push_back(found.item);
    }
  }
  std::sort(out.items.begin(), out.items.end());
  out.items.erase(std::unique(out.items.begin(), out.items.end()), out.items.end());
  out.opinions.resize(scores.size());
  for (std::size_t source = 0; source < scores.size(); ++source) {
    std::vector<float>& opinions = out.opinions[source];
    opinions.resize(out.items.size());
    if (scores[source].empty()) continue;
    for (std::size_t i = 0; i < out.items.size(); ++i) opinions[i] = scores[source][out.items[i]];
  }
  return out;
}

std::vector<ScoredRow> rank_candidates(const BlendCandidates& candidates, std::span<const float> weights,
                                       std::size_t k) {
  std::vector<float> scores(candidates.items.size());
  blend(std::vector<std::span<const float>>(candidates.opinions.begin(), candidates.opinions.end()), weights,
        scores);
  std::vector<ScoredRow> ranked = top_k(scores, k);
  for (ScoredRow& row : ranked) row.item = candidates.items[row.item];
  return ranked;
}

}  // namespace winnow
