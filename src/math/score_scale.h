// What makes scores of different scales comparable.
#pragma once

#include <span>

namespace winnow {

// (score - mean) * factor has mean 0 and variance 1 over the candidates.
struct ScoreScale {
  float mean = 0;
  float factor = 0;  // 0: all candidates are scored alike, which is no opinion

  float of(float score) const { return (score - mean) * factor; }
};
// O(raw).
ScoreScale score_scale(std::span<const float> raw);
// raw: not empty, no NaN. O(raw).
float largest(std::span<const float> raw);

}  // namespace winnow
