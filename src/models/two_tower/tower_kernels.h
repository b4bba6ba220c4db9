// The arithmetic of the user tower's forward pass, by SIMD chosen at run time (Highway): rows times a matrix,
// causal attention, layer normalisation, and the rounding of weights to bfloat16.
//
// The functions of namespace `reference` say the same slowly, adding in double precision; the fast ones agree
// with them up to rounding. All are thread-safe and allocate nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/aligned.h"

namespace winnow {

// A matrix of weights, inputs x outputs, in panels of kPanel columns that a kernel walks from front to back.
class PanelMatrix final {
 public:
  static constexpr std::size_t kPanel = 32;

  PanelMatrix() = default;
  // weights: inputs x outputs, row-major; outputs is a multiple of kPanel.
  PanelMatrix(std::span<const float> weights, std::size_t inputs, std::size_t outputs);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return outputs_; }
  const float* panels() const { return panels_.data(); }
  float at(std::size_t input, std::size_t output) const {
    return panels_[(output / kPanel * inputs_ + input) * kPanel + output % kPanel];
  }
  // Row-major again.
  std::vector<float> weights() const;

 private:
  std::size_t inputs_ = 0;
  std::size_t outputs_ = 0;
  AlignedFloats panels_;
};

enum class Activation : std::uint8_t { none, relu };

// out = activation(rows * matrix + bias). rows: count x inputs, out: count x outputs, both row-major and
// apart from each other; bias: outputs.
void multiply(std::span<const float> rows, const PanelMatrix& matrix, std::span<const float> bias,
              Activation activation, std::span<float> out);

// Each row of `width` to mean 0 and variance 1, times gain, plus bias. out may be rows.
void normalize_rows(std::span<const float> rows, std::span<const float> gain, std::span<const float> bias,
                    std::span<float> out);

// One query's attention over the keys and values of its own position and those before it.
struct AttentionShape {
  std::size_t heads = 1;
  std::size_t width = 0;       // of all heads together, a multiple of 16 * heads
  std::size_t key_stride = 0;  // floats from one position's key, or value, to the next one's
};
// query: width. keys, values: positions x key_stride. bias: heads x length, by distance back from the query;
// its row of one head is bias.size() / heads long and covers all positions. weights: scratch of `positions`.
// out: width.
void attend(const AttentionShape& shape, std::span<const float> query, const float* keys, const float* values,
            std::size_t positions, std::span<const float> bias, std::span<float> weights,
            std::span<float> out);

// The nearest bfloat16, ties to even, as its upper 16 bits; and back. For finite numbers.
std::uint16_t to_bfloat16(float value);
float from_bfloat16(std::uint16_t bits);

namespace reference {
void multiply(std::span<const float> rows, const PanelMatrix& matrix, std::span<const float> bias,
              Activation activation, std::span<float> out);
void normalize_rows(std::span<const float> rows, std::span<const float> gain, std::span<const float> bias,
                    std::span<float> out);
void attend(const AttentionShape& shape, std::span<const float> query, const float* keys, const float* values,
            std::size_t positions, std::span<const float> bias, std::span<float> weights,
            std::span<float> out);
}  // namespace reference

}  // namespace winnow
