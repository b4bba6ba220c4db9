// What the forward pass of a mixture of experts does between its products, for single precision, bfloat16 (16
// bits) and int8 codes (math/narrow_layer.h). SIMD chosen at run time (Highway). Thread-safe, no allocation.
//
// Matrices are row-major, on cache lines, and narrow_width() of their channels wide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "math/aligned.h"
#include "math/narrow_layer.h"

namespace winnow {

// How numbers become codes: round((x - low) * inverse_step), per channel, zero beyond them.
struct CodeFactors {
  explicit CodeFactors(const CodeScale& scale);
  CodeFactors() = default;
  AlignedFloats low;
  AlignedFloats inverse_step;
};

// Some channels of some rows, at least one.
struct ChannelRows {
  const float* first = nullptr;
  std::size_t count = 0;
  std::size_t stride = 0;  // floats from a row to the next one
  std::size_t channels = 0;
};

// out: rows.count x rows.channels, padded with zeros. False when one is not finite.
bool load_rows(const ChannelRows& rows, float* out);
bool load_rows(const ChannelRows& rows, std::uint16_t* out);
bool load_rows(const ChannelRows& rows, const CodeFactors& factors, std::uint8_t* out);

// Gates of all heads side by side: expert e's weight for head t stands at e * gate_stride(heads) + t.
constexpr std::size_t gate_stride(std::size_t heads) { return (heads + 7) / 8 * 8; }

// Logits to weights, in place; each head's sum to 1 over the experts. gates: rows x width.
void softmax_gates(std::span<float> gates, std::size_t width, std::size_t experts, std::size_t heads);

// Mixtures of the experts' outputs, one a head.
struct Mixture {
  const float* outputs = nullptr;  // experts x expert_stride floats: each rows x width
  std::size_t expert_stride = 0;
  std::size_t experts = 0;
  const float* gates = nullptr;  // rows x gate_width
  std::size_t gate_width = 0;
  std::size_t heads = 0;
  std::size_t rows = 0;
  std::size_t width = 0;
  std::size_t head_stride = 0;  // numbers from one head's rows x width in `out` to the next one's
};
void mix(const Mixture& mixture, float* out);
void mix(const Mixture& mixture, std::uint16_t* out);
// factors: per head.
void mix(const Mixture& mixture, std::span<const CodeFactors> factors, std::uint8_t* out);

// probabilities[r] = logistic(<row r, weights> + bias). rows: probabilities.size() x weights.size().
// False when a sum is not finite.
bool finish_head(const float* rows, std::span<const float> weights, float bias,
                 std::span<float> probabilities);

}  // namespace winnow
