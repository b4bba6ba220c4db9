// Spreading of item vectors over the graph of users and items.
//
//     S = A' A,  A_ui = (n_u n_i)^-1/2 for every pair of user u and item i, 0 elsewhere
//
// S takes a vector from an item to the users who had it and back, as two layers of LightGCN do (He et al.
// 2020); its eigenvalues lie between 0 and 1, so it keeps what varies slowly over the graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/aligned.h"
#include "models/interactions.h"

namespace winnow {

class Propagation final {
 public:
  explicit Propagation(const Interactions& data);

  // S * vectors. vectors: items x dims, any dims. O(pairs * dims).
  AlignedFloats spread(std::span<const float> vectors, std::uint32_t dims) const;

 private:
  Interactions by_user_;  // weight: A_ui
  Interactions by_item_;
};

}  // namespace winnow
