// bfloat16: the upper half of a float.
#pragma once

#include <bit>
#include <cstdint>

namespace winnow {

// The nearest bfloat16, ties to even, as its 16 bits; and back. For finite numbers.
inline std::uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

inline float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace winnow
