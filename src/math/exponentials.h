// Exponentials of many numbers at once: what a softmax is made of. SIMD chosen at run time (Highway).
#pragma once

#include <span>

namespace winnow {

// values[i] = exp(scale * values[i] - shift), and their sum, which is taken in a fixed order on one machine.
// Arguments below -87 give about 0. Relative error below 1e-6. Thread-safe, no allocation.
float exponentiate(std::span<float> values, float scale, float shift);

}  // namespace winnow
