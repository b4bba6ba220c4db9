// Negatives of a step: a sample of items that stands for all in the sampled softmax.
//
// A pool is drawn with replacement, half of it uniformly and half by popularity (mixed negative sampling,
// Yang et al. 2020). The hard part are the pool's items that some recent user scores highest; the rest is
// drawn from the remainder. Each stratum is weighted by its own rate, so the estimate of the softmax's sum
// has no bias however the hard ones are chosen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "models/two_tower/sequences.h"
#include "softmax.h"

namespace winnow {

struct NegativeOptions {
  std::uint32_t count = 4096;
  double hard_share = 0.5;
};

// Draws of items: item[k] stands for exp(log_weight[k]) items.
struct NegativePool {
  std::vector<std::int64_t> items;
  std::vector<float> log_weights;
};

class NegativeSampler final {
 public:
  NegativeSampler(const TrainingSequences& sequences, const NegativeOptions& options);

  // O(pool * log items).
  NegativePool draw(Random& random) const;

  // The step's negatives of a pool. pool_vectors: pool x dims; recent: some users' vectors, any x dims, or
  // undefined before the first step, when none is chosen as hard. Rows of the result are items.
  Negatives choose(const NegativePool& pool, const torch::Tensor& pool_vectors,
                   const torch::Tensor& recent) const;

 private:
  double probability(std::int64_t item) const;

  NegativeOptions options_;
  std::vector<double> until_;  // items: share of actions with items up to this one
};

}  // namespace winnow
