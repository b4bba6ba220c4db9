// Blocks of sixteen quantised vectors, laid out for a scan that scores sixteen items at once.
//
// Dimensions are padded to a multiple of 16. A block is a sequence of 64-byte lines; in each line the 16
// items have 4 bytes each, side by side:
//
//     int8   line g holds dimensions 4g .. 4g+3 as bytes 1 .. 255, 128 standing for zero
//     int4   line g holds dimensions 8g .. 8g+3 in the low halves of its bytes and 8g+4 .. 8g+7 in the high
//     ones,
//            as 0 .. 15
//
// So one line times one broadcast word of the query adds four products to sixteen sums, without a horizontal
// step.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow {

inline constexpr std::uint32_t kBlockItems = 16;
inline constexpr std::uint32_t kLineBytes = 64;

enum class CodeWidth : std::uint8_t { int8, int4 };

constexpr std::uint32_t padded_dims(std::uint32_t dims) { return (dims + 15) / 16 * 16; }
constexpr std::uint32_t code_bytes(std::uint32_t padded, CodeWidth width) {
  return width == CodeWidth::int8 ? padded : padded / 2;
}
constexpr std::uint32_t block_bytes(std::uint32_t padded, CodeWidth width) {
  return kBlockItems * code_bytes(padded, width);
}

// Where byte `b` of the code of the item in `lane` lies inside its block.
constexpr std::size_t byte_in_block(std::uint32_t lane, std::uint32_t b) {
  return std::size_t{b / 4} * kLineBytes + lane * 4 + b % 4;
}

}  // namespace winnow
