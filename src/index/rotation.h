// A random rotation that takes dims * log(dims) additions: signs drawn at random, then Walsh-Hadamard
// transforms.
//
// Learned vectors often have a few large coordinates (factors in an eigenbasis do); one scale for all would
// leave the others a handful of steps. Rotated, every coordinate carries a like share, and inner products
// stay as they were (Ailon and Chazelle 2009; used for quantisation in, e.g., RaBitQ, Gao and Long 2024).
// Where dims is no power of two, two overlapping transforms cover it, twice.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

class Rotation final {
 public:
  // dims: a multiple of 16.
  Rotation(std::uint32_t dims, std::uint64_t seed);

  // In place; vector.size() == dims.
  void apply(std::span<float> vector) const;

 private:
  std::uint32_t power_;                    // the largest power of two <= dims
  std::vector<std::vector<float>> signs_;  // per transform: +-1/sqrt(power), which makes it orthogonal
};

}  // namespace winnow
