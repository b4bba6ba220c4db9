// Logarithms of many numbers at once. SIMD chosen at run time (Highway).
#pragma once

#include <span>

namespace winnow {

// values[i] = log(1 + values[i]), of numbers that are not negative; NaN stays NaN. What a number gives does
// not depend on its place or its neighbours. Relative error below 1e-6. Thread-safe, no allocation.
void log1p_in_place(std::span<float> values);

}  // namespace winnow
