#include "math/score_scale.h"

#include <cmath>

namespace winnow {

ScoreScale score_scale(std::span<const float> raw) {
  if (raw.empty()) return {};
  double sum = 0;
  double squares = 0;
  for (const float score : raw) {
    sum += score;
    squares += static_cast<double>(score) * score;
  }
  const auto n = static_cast<double>(raw.size());
  const double mean = sum / n;
  const double variance = squares / n - mean * mean;
  // What is left of the variance of equal scores is rounding.
  if (!(variance > 1e-12 * squares / n)) return {};
  return {static_cast<float>(mean), static_cast<float>(1 / std::sqrt(variance))};
}

}  // namespace winnow
