// The kinds of number that a network computes in: how a layer of each is made, and by what kernels rows pass
// through it. Private to mmoe_network.cc, whose template they fill.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "math/bfloat16.h"
#include "math/narrow_kernels.h"
#include "models/multitask/mmoe_kernels.h"
#include "models/multitask/mmoe_model.h"

namespace winnow {

// Inputs that all rows of a run have in common, and those of a row itself.
enum class Inputs { common, own };

// What codes stand for between the layers; empty scales where numbers stand for themselves.
struct Calibration {
  CodeScale common;
  CodeScale own;
  std::vector<CodeScale> hidden;  // per expert
  std::vector<CodeScale> mixed;   // per head
};

// A layer to make: its weights, and the codes that it reads and, unless null, writes.
struct LayerSource {
  std::span<const float> weights;  // inputs() x outputs, row-major
  std::span<const float> bias;
  const CodeScale& in;
  const CodeScale* out;

  std::size_t inputs() const { return weights.size() / bias.size(); }
};

// Single precision; `round`: of weights rounded to bfloat16.
class FloatNumbers final {
 public:
  using Number = float;
  struct Layer {
    PanelMatrix matrix;
    AlignedFloats bias;
  };

  explicit FloatNumbers(bool round) : round_(round) {}

  Layer layer(const LayerSource& source) const {
    const std::size_t outputs = source.bias.size();
    const std::size_t width = narrow_width(outputs);
    std::vector<float> padded(narrow_width(source.inputs()) * width);
    for (std::size_t i = 0; i < source.weights.size(); ++i) {
      const float weight = source.weights[i];
      padded[i / outputs * width + i % outputs] = round_ ? from_bfloat16(to_bfloat16(weight)) : weight;
    }
    Layer out{PanelMatrix(padded, narrow_width(source.inputs()), width), AlignedFloats(width, 0.0f)};
    std::copy(source.bias.begin(), source.bias.end(), out.bias.begin());
    return out;
  }

  static bool load(Inputs /*which*/, const ChannelRows& rows, float* out) { return load_rows(rows, out); }
  static void to_numbers(const float* rows, std::size_t count, const Layer& layer, const float* bias,
                         float* out) {
    to_floats(rows, count, layer, bias, Activation::relu, out);
  }
  static void to_floats(const float* rows, std::size_t count, const Layer& layer, const float* bias,
                        Activation activation, float* out) {
    multiply({rows, count * layer.matrix.inputs()}, layer.matrix, {bias, layer.bias.size()}, activation,
             {out, count * layer.matrix.outputs()});
  }
  static void mix_heads(const Mixture& mixture, float* out) { mix(mixture, out); }

 private:
  bool round_;
};

class Bfloat16Numbers final {
 public:
  using Number = std::uint16_t;
  using Layer = Bfloat16Layer;

  // cpu: a level that multiplies bfloat16.
  explicit Bfloat16Numbers(CpuLevel cpu) : kernels_(narrow_kernels(cpu)) {}

  static Layer layer(const LayerSource& source) {
    return make_bfloat16_layer(source.weights, source.bias, source.inputs());
  }
  static bool load(Inputs /*which*/, const ChannelRows& rows, Number* out) { return load_rows(rows, out); }
  void to_numbers(const Number* rows, std::size_t count, const Layer& layer, const float* bias,
                  Number* out) const {
    kernels_.bfloat16_halves(rows, count, layer, bias, out);
  }
  void to_floats(const Number* rows, std::size_t count, const Layer& layer, const float* bias,
                 Activation activation, float* out) const {
    kernels_.bfloat16_floats(rows, count, layer, bias, activation, out);
  }
  static void mix_heads(const Mixture& mixture, Number* out) { mix(mixture, out); }

 private:
  const NarrowKernels& kernels_;
};

class Int8Numbers final {
 public:
  using Number = std::uint8_t;
  using Layer = Int8Layer;

  Int8Numbers(CpuLevel cpu, const Calibration& calibration)
      : kernels_(narrow_kernels(cpu)),
        common_(calibration.common),
        own_(calibration.own),
        mixed_(calibration.mixed.begin(), calibration.mixed.end()) {}

  static Layer layer(const LayerSource& source) {
    return make_int8_layer(source.weights, source.bias, source.in, source.out);
  }
  bool load(Inputs which, const ChannelRows& rows, Number* out) const {
    return load_rows(rows, which == Inputs::common ? common_ : own_, out);
  }
  void to_numbers(const Number* rows, std::size_t count, const Layer& layer, const float* bias,
                  Number* out) const {
    kernels_.int8_codes(rows, count, layer, bias, out);
  }
  void to_floats(const Number* rows, std::size_t count, const Layer& layer, const float* bias,
                 Activation activation, float* out) const {
    kernels_.int8_floats(rows, count, layer, bias, activation, out);
  }
  void mix_heads(const Mixture& mixture, Number* out) const { mix(mixture, mixed_, out); }

 private:
  const NarrowKernels& kernels_;
  CodeFactors common_;
  CodeFactors own_;
  std::vector<CodeFactors> mixed_;  // per head
};

}  // namespace winnow
