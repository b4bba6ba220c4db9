// winnow's forward pass of the user tower beside libtorch's: the same weights, the same histories, one
// thread, in turns.
#pragma once

#include <cstdint>
#include <string>

#include "models/two_tower/two_tower.h"

namespace winnow {

struct ForwardMeasurement {
  struct Times {
    double p50_us = 0;
    double p99_us = 0;
  };
  Times ours;      // of one full-length history
  Times libtorch;  // likewise
  // Largest distance of our user vector from libtorch's, relative to the latter's length: with the same
  // rounded weights, and against libtorch's with the weights before rounding.
  double error_of_arithmetic = 0;
  double error_of_rounding = 0;
  std::uint32_t rounds = 0;
};

// A tower of random weights, read with random histories of shape.length actions. shape passes check().
ForwardMeasurement measure_forward(const TwoTowerShape& shape, std::uint32_t rounds, std::uint64_t seed);

// {"dims", "layers", "heads", "inner", "length", "simd", "rounds", "error_of_arithmetic",
// "error_of_rounding", "error_bound", "results": [{"engine", "p50_us", "p99_us"}]}
std::string measurement_json(const TwoTowerShape& shape, const ForwardMeasurement& measured);

}  // namespace winnow
