#include "math/panel_matrix.h"

#include "base/check.h"

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/panel_matrix.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Never more than half a panel, so that two vectors always lie within one.
using Tag = hn::CappedTag<float, PanelMatrix::kPanel / 2>;
using Vector = hn::Vec<Tag>;

struct Tile {
  const float* rows;  // first row of the tile
  std::size_t inputs;
  const float* weights;  // first column of the tile within its panel
  const float* bias;
  float* out;
  std::size_t outputs;
  bool relu;
};

// kRows rows by two vectors of columns: all accumulators stay in registers.
template <int kRows>
HWY_INLINE void multiply_tile(const Tile& tile) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  Vector left[kRows];
  Vector right[kRows];
  for (int r = 0; r < kRows; ++r) {
    left[r] = hn::LoadU(d, tile.bias);
    right[r] = hn::LoadU(d, tile.bias + lanes);
  }
  const float* HWY_RESTRICT weights = tile.weights;
  const float* HWY_RESTRICT rows = tile.rows;
  for (std::size_t i = 0; i < tile.inputs; ++i, weights += PanelMatrix::kPanel) {
    const Vector first = hn::Load(d, weights);
    const Vector second = hn::Load(d, weights + lanes);
    for (int r = 0; r < kRows; ++r) {
      const Vector input = hn::Set(d, rows[r * tile.inputs + i]);
      left[r] = hn::MulAdd(input, first, left[r]);
      right[r] = hn::MulAdd(input, second, right[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    if (tile.relu) {
      left[r] = hn::Max(left[r], hn::Zero(d));
      right[r] = hn::Max(right[r], hn::Zero(d));
    }
    hn::StoreU(left[r], d, tile.out + r * tile.outputs);
    hn::StoreU(right[r], d, tile.out + r * tile.outputs + lanes);
  }
}

// As many rows as the registers hold: 16 of them without AVX-512, 32 with it.
constexpr int kTileRows = HWY_MAX_BYTES >= 64 ? 12 : 6;

template <int kRows>
void multiply_rest(std::size_t rows, const Tile& tile) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return multiply_tile<kRows>(tile);
    multiply_rest<kRows - 1>(rows, tile);
  }
}

void multiply_of(const float* rows, std::size_t count, const PanelMatrix& matrix, const float* bias,
                 bool relu, float* out) {
  const std::size_t step = 2 * hn::Lanes(Tag());
  const std::size_t inputs = matrix.inputs();
  const std::size_t outputs = matrix.outputs();
  // A panel's columns stay in the first-level cache while all rows pass by.
  for (std::size_t column = 0; column < outputs; column += step) {
    const float* weights = matrix.panels() + column / PanelMatrix::kPanel * PanelMatrix::kPanel * inputs +
                           column % PanelMatrix::kPanel;
    std::size_t row = 0;
    for (; row + kTileRows <= count; row += kTileRows) {
      multiply_tile<kTileRows>(
          {rows + row * inputs, inputs, weights, bias + column, out + row * outputs + column, outputs, relu});
    }
    multiply_rest<kTileRows - 1>(count - row, {rows + row * inputs, inputs, weights, bias + column,
                                               out + row * outputs + column, outputs, relu});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(multiply_of);

PanelMatrix::PanelMatrix(std::span<const float> weights, std::size_t inputs, std::size_t outputs)
    : inputs_(inputs), outputs_(outputs), panels_(weights.size()) {
  WINNOW_CHECK(weights.size() == inputs * outputs && outputs % kPanel == 0);
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t o = 0; o < outputs; ++o) {
      panels_[(o / kPanel * inputs + i) * kPanel + o % kPanel] = weights[i * outputs + o];
    }
  }
}

std::vector<float> PanelMatrix::weights() const {
  std::vector<float> out(panels_.size());
  for (std::size_t i = 0; i < inputs_; ++i) {
    for (std::size_t o = 0; o < outputs_; ++o) out[i * outputs_ + o] = at(i, o);
  }
  return out;
}

void multiply(std::span<const float> rows, const PanelMatrix& matrix, std::span<const float> bias,
              Activation activation, std::span<float> out) {
  const std::size_t count = rows.size() / matrix.inputs();
  WINNOW_CHECK(rows.size() == count * matrix.inputs() && out.size() == count * matrix.outputs() &&
               bias.size() == matrix.outputs());
  HWY_DYNAMIC_DISPATCH(multiply_of)
  (rows.data(), count, matrix, bias.data(), activation == Activation::relu, out.data());
}

namespace reference {

void multiply(std::span<const float> rows, const PanelMatrix& matrix, std::span<const float> bias,
              Activation activation, std::span<float> out) {
  const std::size_t count = rows.size() / matrix.inputs();
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t o = 0; o < matrix.outputs(); ++o) {
      double sum = bias[o];
      for (std::size_t i = 0; i < matrix.inputs(); ++i) {
        sum += static_cast<double>(rows[r * matrix.inputs() + i]) * matrix.at(i, o);
      }
      const bool cut = activation == Activation::relu && sum < 0;
      out[r * matrix.outputs() + o] = cut ? 0.0f : static_cast<float>(sum);
    }
  }
}

}  // namespace reference
}  // namespace winnow
#endif  // HWY_ONCE
