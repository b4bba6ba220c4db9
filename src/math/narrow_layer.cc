#include "math/narrow_layer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/check.h"
#include "math/bfloat16.h"

namespace winnow {
namespace {

constexpr std::size_t kPanel = 16;  // outputs
constexpr std::size_t kLineBytes = 64;
constexpr int kLargestWeight = 127;

// Where a line's four bytes of one output begin. per_line: inputs in a line.
std::size_t place(std::size_t input, std::size_t output, std::size_t inputs, std::size_t per_line) {
  const std::size_t line = output / kPanel * (inputs / per_line) + input / per_line;
  return line * kLineBytes + output % kPanel * 4;
}

// With codes up to 127, sums of 16 bits hold while weights of one sign come to at most 32767 / 127.
constexpr int kLargestSum = 258;

bool sums_fit(std::span<const int> weights) {
  for (std::size_t group = 0; group < weights.size(); group += 4 * kNarrowGroup) {
    std::array<int, 2> above{};
    std::array<int, 2> below{};
    for (std::size_t i = group; i < std::min(group + 4 * kNarrowGroup, weights.size()); ++i) {
      const std::size_t lane = i % 4 / 2;
      (weights[i] > 0 ? above : below)[lane] += std::abs(weights[i]);
    }
    for (const int sum : {above[0], above[1], below[0], below[1]}) {
      if (sum > kLargestSum) return false;
    }
  }
  return true;
}

// Rounds to integers times the returned scale.
float quantize(std::span<const float> weights, std::span<int> codes) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  if (largest == 0) largest = 1;
  constexpr float kGrowth = 1.01f;
  for (float scale = largest / kLargestWeight;; scale *= kGrowth) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      codes[i] = static_cast<int>(std::lrint(weights[i] / scale));
    }
    if (sums_fit(codes)) return scale;
  }
}

// Codes reach this much further than what was seen: what comes later has a wider range, and cutting it off
// costs more than coarser steps.
constexpr float kReach = 1.3f;

// low: per channel, lowered to the rows' least.
CodeScale scale_from(std::vector<float> low, std::span<const float> rows) {
  const std::size_t channels = low.size();
  WINNOW_CHECK(!rows.empty() && rows.size() % channels == 0);
  CodeScale scale{std::move(low), {}, {}};
  std::vector<float> high = scale.low;
  std::vector<double> sums(channels);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scale.low[i % channels] = std::min(scale.low[i % channels], rows[i]);
    high[i % channels] = std::max(high[i % channels], rows[i]);
    sums[i % channels] += rows[i];
  }
  const std::size_t count = rows.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    scale.mean.push_back(static_cast<float>(sums[c] / static_cast<double>(count)));
    // Halves first: the difference of two floats may overflow.
    const float step = (high[c] / 2 - scale.low[c] / 2) / (kLargestCode / 2) * kReach;
    scale.step.push_back(step >= std::numeric_limits<float>::min() ? step : 1 / kLargestCode);
  }
  return scale;
}

}  // namespace

CodeScale code_scale_of(std::span<const float> rows, std::size_t channels) {
  CodeScale scale = scale_from({rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(channels)}, rows);
  // The further reach, to both sides alike.
  constexpr float kBelow = (1 - 1 / kReach) / 2 * kLargestCode;
  for (std::size_t c = 0; c < channels; ++c) scale.low[c] -= kBelow * scale.step[c];
  return scale;
}

CodeScale positive_code_scale_of(std::span<const float> rows, std::size_t channels) {
  return scale_from(std::vector<float>(channels), rows);
}

std::int8_t Int8Layer::weight(std::size_t input, std::size_t output) const {
  return static_cast<std::int8_t>(lines[place(input, output, inputs, 4) + input % 4]);
}

Int8Layer make_int8_layer(std::span<const float> weights, std::span<const float> bias,
                          const CodeScale& inputs, const CodeScale* out) {
  const std::size_t from = inputs.step.size();
  const std::size_t to = bias.size();
  WINNOW_CHECK(weights.size() == from * to && (out == nullptr || out->step.size() == to));
  Int8Layer layer{narrow_width(from), narrow_width(to), narrow_extent(from), narrow_extent(to), {}, {}, {}};
  layer.lines.assign(layer.inputs * layer.outputs, 0);
  layer.scale.assign(layer.outputs, 0);
  layer.bias.assign(layer.outputs, 0);
  std::vector<float> column(from);
  std::vector<int> codes(from);
  for (std::size_t o = 0; o < to; ++o) {
    for (std::size_t i = 0; i < from; ++i) column[i] = weights[i * to + o] * inputs.step[i];
    const double scale = quantize(column, codes);
    // Of the mean row, the layer gives exactly what the weights give.
    double shift = bias[o];
    for (std::size_t i = 0; i < from; ++i) {
      shift += static_cast<double>(weights[i * to + o]) * inputs.mean[i];
      shift -= scale * codes[i] * (static_cast<double>(inputs.mean[i]) - inputs.low[i]) / inputs.step[i];
    }
    const float step = out != nullptr ? out->step[o] : 1.0f;
    layer.scale[o] = static_cast<float>(scale / step);
    layer.bias[o] = static_cast<float>(shift / step);
    for (std::size_t i = 0; i < from; ++i) {
      layer.lines[place(i, o, layer.inputs, 4) + i % 4] = static_cast<std::uint8_t>(codes[i]);
    }
  }
  return layer;
}

float Bfloat16Layer::weight(std::size_t input, std::size_t output) const {
  std::uint16_t bits = 0;
  std::memcpy(&bits, &lines[place(input, output, inputs, 2) + input % 2 * 2], sizeof bits);
  return from_bfloat16(bits);
}

Bfloat16Layer make_bfloat16_layer(std::span<const float> weights, std::span<const float> bias,
                                  std::size_t inputs) {
  const std::size_t to = bias.size();
  WINNOW_CHECK(weights.size() == inputs * to);
  Bfloat16Layer layer{
      narrow_width(inputs), narrow_width(to), narrow_extent(inputs), narrow_extent(to), {}, {}};
  layer.lines.assign(layer.inputs * layer.outputs * 2, 0);
  layer.bias.assign(layer.outputs, 0);
  std::copy(bias.begin(), bias.end(), layer.bias.begin());
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t o = 0; o < to; ++o) {
      const std::uint16_t bits = to_bfloat16(weights[i * to + o]);
      std::memcpy(&layer.lines[place(i, o, layer.inputs, 2) + i % 2 * 2], &bits, sizeof bits);
    }
  }
  return layer;
}

}  // namespace winnow
