// For tests of rankers: sets whose outcomes follow known functions of their features.
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "base/random.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

struct RandomRankingSet {
  std::size_t groups = 200;
  std::size_t group_rows = 20;
  std::size_t features = 6;  // 4 or more; from the fifth on they say nothing
  double missing = 0;        // share of values
  std::uint64_t seed = 1;
};

// Two heads. Odds are exp of: first 1.5 a + b c - 2, second d - a b - 1, of features a to d; a group moves
// the first one's as a whole. Features differ in place and spread.
inline RankingSet random_ranking_set(const RandomRankingSet& options) {
  Random random(options.seed);
  RankingSet set;
  for (std::size_t i = 0; i < options.features; ++i) set.features.push_back("f" + std::to_string(i));
  set.heads = {"first", "second"};
  const auto outcome = [&](double logit) {
    return random.uniform() < 1 / (1 + std::exp(-logit)) ? 1.0f : 0.0f;
  };
  for (std::size_t g = 0; g < options.groups; ++g) {
    const double mood = random.normal();
    for (std::size_t r = 0; r < options.group_rows; ++r) {
      std::vector<double> x(options.features);
      for (std::size_t i = 0; i < options.features; ++i) {
        x[i] = random.normal();
        const bool missing = random.uniform() < options.missing;
        const double spread = std::pow(3.0, static_cast<double>(i) - 2);
        set.values.push_back(missing ? std::numeric_limits<float>::quiet_NaN()
                                     : static_cast<float>((x[i] + static_cast<double>(i)) * spread));
      }
      set.labels.push_back(outcome(1.5 * x[0] + x[1] * x[2] + mood - 2));
      set.labels.push_back(outcome(x[3] - x[0] * x[1] - 1));
      set.weights.push_back(1);
    }
    set.groups.push_back(set.rows());
    set.time_ms.push_back(static_cast<TimestampMs>(g));
  }
  return set;
}

// One head's labels, in a column of their own.
inline std::vector<float> labels_of_head(const RankingSet& set, std::size_t head) {
  std::vector<float> out;
  for (std::size_t r = 0; r < set.rows(); ++r) out.push_back(set.labels_of(r)[head]);
  return out;
}

}  // namespace winnow
