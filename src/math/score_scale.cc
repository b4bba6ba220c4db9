#include "math/score_scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace winnow {

ScoreScale score_scale(std::span<const float> raw) {
  if (raw.empty()) return {};
  // Several sums at a time, since each addition waits for the one before it.
  constexpr std::size_t kSums = 4;
  std::array<double, kSums> sums{};
  std::array<double, kSums> sums_of_squares{};
  for (std::size_t i = 0; i < raw.size(); i += kSums) {
    for (std::size_t k = 0; k < std::min(kSums, raw.size() - i); ++k) {
      const double score = raw[i + k];
      sums[k] += score;
      sums_of_squares[k] += score * score;
    }
  }
  const double squares = std::accumulate(sums_of_squares.begin(), sums_of_squares.end(), 0.0);
  const auto n = static_cast<double>(raw.size());
  const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) / n;
  const double variance = squares / n - mean * mean;
  // What is left of the variance of equal scores is rounding.
  if (!(variance > 1e-12 * squares / n)) return {};
  return {static_cast<float>(mean), static_cast<float>(1 / std::sqrt(variance))};
}

}  // namespace winnow
