// Numbers for tests of kernels.
#pragma once

#include <cstddef>
#include <vector>

#include "base/random.h"

namespace winnow {

inline std::vector<float> random_vector(Random& random, std::size_t size) {
  std::vector<float> out(size);
  for (float& value : out) value = static_cast<float>(random.normal());
  return out;
}

}  // namespace winnow
