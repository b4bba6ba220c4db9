#include "index/rotation.h"

#include <bit>
#include <cmath>

#include "base/random.h"

namespace winnow {

namespace {

// Unnormalised Walsh-Hadamard transform; size a power of two, at least 16.
void hadamard(std::span<float> v) {
  float* const x = v.data();
  const std::size_t n = v.size();
  for (std::size_t i = 0; i < n; i += 4) {
    const float a = x[i] + x[i + 1];
    const float b = x[i] - x[i + 1];
    const float c = x[i + 2] + x[i + 3];
    const float d = x[i + 2] - x[i + 3];
    x[i] = a + c;
    x[i + 1] = b + d;
    x[i + 2] = a - c;
    x[i + 3] = b - d;
  }
  for (std::size_t half = 4; half < n; half *= 2) {
    for (std::size_t start = 0; start < n; start += 2 * half) {
      float* const low = x + start;
      float* const high = low + half;
      for (std::size_t i = 0; i < half; ++i) {
        const float a = low[i];
        const float b = high[i];
        low[i] = a + b;
        high[i] = a - b;
      }
    }
  }
}

}  // namespace

Rotation::Rotation(std::uint32_t dims, std::uint64_t seed) : power_(std::bit_floor(dims)) {
  Random random(seed);
  const float unit = 1 / std::sqrt(static_cast<float>(power_));
  signs_.resize(power_ == dims ? 1 : 4);
  for (std::vector<float>& signs : signs_) {
    signs.resize(power_);
    for (float& sign : signs) sign = (random.next() >> 63) != 0 ? unit : -unit;
  }
}

void Rotation::apply(std::span<float> vector) const {
  for (std::size_t round = 0; round < signs_.size(); ++round) {
    const std::span<float> part = round % 2 == 0 ? vector.first(power_) : vector.last(power_);
    const std::vector<float>& signs = signs_[round];
    for (std::uint32_t d = 0; d < power_; ++d) part[d] *= signs[d];
    hadamard(part);
  }
}

}  // namespace winnow
