// Adam: gradient steps scaled by running moments of each parameter's gradient (Kingma and Ba 2015). SIMD
// chosen at run time (Highway).
#pragma once

#include <cstddef>
#include <span>

#include "math/aligned.h"

namespace winnow {

// The moments of so many parameters: means of the last ten gradients or so, and of the squares of the last
// hundred.
class Adam final {
 public:
  explicit Adam(std::size_t parameters) : first_(parameters, 0.0f), second_(parameters, 0.0f) {}

  // Moves the parameters against the gradient, by about `rate` each. All of the size above. O(parameters).
  void step(std::span<const float> gradient, float rate, std::span<float> parameters);

 private:
  AlignedFloats first_;
  AlignedFloats second_;
  std::size_t steps_ = 0;
};

}  // namespace winnow
