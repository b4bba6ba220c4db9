// Rows times a matrix of weights in single precision: the layers of a network. SIMD chosen at run time
// (Highway); namespace `reference` says the same slowly, adding in double precision, and the fast one agrees
// with it up to rounding. Thread-safe, no allocation.
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

namespace reference {
void multiply(std::span<const float> rows, const PanelMatrix& matrix, std::span<const float> bias,
              Activation activation, std::span<float> out);
}  // namespace reference

}  // namespace winnow
