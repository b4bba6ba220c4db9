// Layers of a network in narrow numbers: weights and inputs of int8, or of bfloat16, with sums of 32 bits.
//
// Weights lie in lines of 64 bytes: 16 outputs by four bytes of consecutive inputs, four int8 or two
// bfloat16. A line is one register of AVX-512 and one row of an AMX tile, so one layout serves every level.
// Sixteen outputs, all their lines one after the other, are a panel.
//
// int8: an input x of a channel is stood for by the code round((x - low) / step), 0 .. 127; low and step are
// the channel's own and are folded into weights and bias, so they cost nothing. Codes have seven bits, and a
// weight's scale, one an output, is raised until no sixteen products that AVX2 adds up in 16 bits can
// overflow. So the integer sums are exact, and the same at every level.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/aligned.h"

namespace winnow {

// Inputs and outputs are padded with zeros to a multiple of this many channels.
inline constexpr std::size_t kNarrowWidth = 64;
// Memory of rows, read and written, holds a multiple of this many rows; what lies in those beyond a count has
// no meaning.
inline constexpr std::size_t kNarrowRows = 32;
// Kernels that take fewer channels at a time than a width has need not take all of the padding.
inline constexpr std::size_t kNarrowStep = 16;
// AVX2 adds up, in 16 bits, the products of two neighbouring inputs of each of this many neighbouring lines.
inline constexpr std::size_t kNarrowGroup = 8;
inline constexpr float kLargestCode = 127;

constexpr std::size_t narrow_width(std::size_t channels) {
  return (channels + kNarrowWidth - 1) / kNarrowWidth * kNarrowWidth;
}
constexpr std::size_t narrow_rows(std::size_t rows) {
  return (rows + kNarrowRows - 1) / kNarrowRows * kNarrowRows;
}
constexpr std::size_t narrow_extent(std::size_t channels) {
  return (channels + kNarrowStep - 1) / kNarrowStep * kNarrowStep;
}

// What the codes of each channel stand for, and its mean, at which the rounding of weights is made good. All
// of one length; steps above 0.
struct CodeScale {
  std::vector<float> low;
  std::vector<float> step;
  std::vector<float> mean;
};

// The scale whose codes cover what was seen in `rows` (count x channels, at least one row), and some more;
// the second one begins at 0, for what is never below. A channel that never changed takes a step that keeps
// its weights in range.
CodeScale code_scale_of(std::span<const float> rows, std::size_t channels);
CodeScale positive_code_scale_of(std::span<const float> rows, std::size_t channels);

using NarrowBytes = std::vector<std::uint8_t, CacheAligned<std::uint8_t>>;

// sums * scale + bias; widths and lengths are padded.
struct Int8Layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  // How far inputs and outputs have weights, multiples of kNarrowStep; beyond, all are 0.
  std::size_t depth = 0;
  std::size_t breadth = 0;
  NarrowBytes lines;
  AlignedFloats scale;
  AlignedFloats bias;

  std::int8_t weight(std::size_t input, std::size_t output) const;
};

// weights: inputs x outputs, row-major, with inputs.step.size() inputs; bias: outputs. out: of the codes that
// the layer writes, with low of 0; null where it writes numbers.
Int8Layer make_int8_layer(std::span<const float> weights, std::span<const float> bias,
                          const CodeScale& inputs, const CodeScale* out);

// sums + bias; widths and lengths are padded.
struct Bfloat16Layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t depth = 0;  // as above
  std::size_t breadth = 0;
  NarrowBytes lines;
  AlignedFloats bias;

  float weight(std::size_t input, std::size_t output) const;
};

Bfloat16Layer make_bfloat16_layer(std::span<const float> weights, std::span<const float> bias,
                                  std::size_t inputs);

}  // namespace winnow
