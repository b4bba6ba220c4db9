// How well held-out items are predicted: NDCG@10 among all items, those learned from left out.
#pragma once

#include <torch/types.h>

#include <span>

#include "models/two_tower/sequences.h"
#include "tower.h"

namespace winnow {

// Sum of NDCG@10 over `users`, whose first held-out item is the one relevant item. vectors: items x dims.
// O(users * items * dims).
double sum_of_ndcg(const TrainingSequences& sequences, std::span<const std::uint32_t> users,
                   const torch::Tensor& vectors, TwoTowers& towers);

}  // namespace winnow
