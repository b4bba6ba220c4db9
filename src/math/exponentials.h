// Exponentials of many numbers at once: what a softmax is made of. SIMD chosen at run time (Highway).
#pragma once

#include <cstdint>
#include <span>

namespace winnow {

// values[i] = exp(scale * values[i] - shift), and their sum, which is taken in a fixed order on one machine.
// Arguments below -87 give about 0. Relative error below 1e-6. Thread-safe, no allocation.
float exponentiate(std::span<float> values, float scale, float shift);

// What a softmax divides by, and what was taken off first so that nothing overflows.
struct Exponentials {
  float highest = 0;
  float sum = 0;
};

// values[i] = exp(values[i] - highest), and their sum. values: at least one, finite. The second reads and
// writes bfloat16, each as its upper 16 bits, and adds up before rounding.
Exponentials exponentiate_below_highest(std::span<float> values);
Exponentials exponentiate_below_highest(std::span<std::uint16_t> values);

}  // namespace winnow
