#include "math/score_scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace winnow {
namespace {

// Each step of a sum or a maximum waits for the one before it, so several are taken at a time.
constexpr std::size_t kAtATime = 4;

}  // namespace

ScoreScale score_scale(std::span<const float> raw) {
  if (raw.empty()) return {};
  std::array<double, kAtATime> sums{};
  std::array<double, kAtATime> sums_of_squares{};
  const auto add = [&](std::size_t k, double score) {
    sums[k] += score;
    sums_of_squares[k] += score * score;
  };
  const std::size_t whole = raw.size() - raw.size() % kAtATime;
  for (std::size_t i = 0; i < whole; i += kAtATime) {
    for (std::size_t k = 0; k < kAtATime; ++k) add(k, raw[i + k]);
  }
  for (std::size_t i = whole; i < raw.size(); ++i) add(i - whole, raw[i]);
  const double squares = std::accumulate(sums_of_squares.begin(), sums_of_squares.end(), 0.0);
  const auto n = static_cast<double>(raw.size());
  const double mean = std::accumulate(sums.begin(), sums.end(), 0.0) / n;
  const double variance = squares / n - mean * mean;
  // What is left of the variance of equal scores is rounding.
  if (!(variance > 1e-12 * squares / n)) return {};
  return {static_cast<float>(mean), static_cast<float>(1 / std::sqrt(variance))};
}

float largest(std::span<const float> raw) {
  WINNOW_CHECK(!raw.empty());
  std::array<float, kAtATime> most;
  most.fill(raw.front());
  const std::size_t whole = raw.size() - raw.size() % kAtATime;
  for (std::size_t i = 0; i < whole; i += kAtATime) {
    for (std::size_t k = 0; k < kAtATime; ++k) most[k] = std::max(most[k], raw[i + k]);
  }
  for (std::size_t i = whole; i < raw.size(); ++i) most[0] = std::max(most[0], raw[i]);
  return *std::ranges::max_element(most);
}

}  // namespace winnow
