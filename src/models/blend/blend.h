// One score from several sources' opinions of the same candidates: the weighted sum of standardised scores.
//
// Each source's raw scores live on a scale of their own, so they are standardised over the candidates of one
// request before they are weighed. The weights are learned on a validation cut (learn_blend) and travel in
// the model bundle; evaluation and serving call the same blend().
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

// Sources with a learned weight, in the order of the weights.
enum class BlendSource : std::uint8_t { als = 0, item_to_item = 1, popular = 2 };
inline constexpr std::size_t kBlendSources = 3;

struct BlendWeights {
  std::array<float, kBlendSources> by_source = {1.0f, 1.0f, 0.2f};

  std::string encode() const;
  static Result<BlendWeights> decode(std::string_view bytes);
};

// How one source's raw scores are standardised: (score - mean) * factor has mean 0 and variance 1 over the
// candidates.
struct ScoreScale {
  float mean = 0;
  float factor = 0;  // 0: all candidates are scored alike, which is no opinion
};
ScoreScale score_scale(std::span<const float> raw);

// raw[s]: source s's scores of the n candidates (n floats each, finite; all zero when the source has no
// opinion). scores: n, overwritten. O(n * sources), no allocation.
void blend(const std::array<std::span<const float>, kBlendSources>& raw, const BlendWeights& weights,
           std::span<float> scores);

}  // namespace winnow
