#include "index/quantizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace winnow {

namespace {

// To the nearest integer, ties to even, for |x| < 2^22: the sum leaves no room for a fraction. Vectorises
// everywhere.
std::int32_t nearest_integer(float x) {
  const float shifted = x + 12582912.0f;
  std::int32_t bits;
  std::memcpy(&bits, &shifted, 4);
  return bits - 0x4B400000;
}

// The parts of all coordinates that a scale may leave unclipped.
constexpr std::array kKeptInt8 = {0.9999};
constexpr std::array kKeptInt4 = {0.98, 0.99, 0.995, 0.998, 0.9995, 1.0};

// Of absolute coordinates, rows x dims: the rows of the longest vectors.
std::vector<float> longest_tenth(std::span<const float> rows, std::uint32_t dims) {
  std::vector<std::pair<float, std::size_t>> order(rows.size() / dims);
  for (std::size_t row = 0; row < order.size(); ++row) {
    float square = 0;
    for (const float x : rows.subspan(row * dims, dims)) square += x * x;
    order[row] = {-square, row};
  }
  std::sort(order.begin(), order.end());
  order.resize((order.size() + 9) / 10);
  std::vector<float> longest;
  for (const auto& [square, row] : order) {
    const std::span<const float> one = rows.subspan(row * dims, dims);
    longest.insert(longest.end(), one.begin(), one.end());
  }
  return longest;
}

// Of codes, for absolute coordinates: whole steps, or the middles between them; the largest stands for all
// beyond it.
double mean_square_error(std::span<const float> coordinates, float scale, CodeWidth width) {
  const float offset = width == CodeWidth::int8 ? 0 : 0.5f;
  const float largest = width == CodeWidth::int8 ? 127 : 7.5f;
  double sum = 0;
  for (const float x : coordinates) {
    const float scaled = x * scale;
    const float rest = scaled - std::min(std::nearbyint(scaled - offset) + offset, largest);
    sum += static_cast<double>(rest) * rest;
  }
  return sum / static_cast<double>(coordinates.size()) / (static_cast<double>(scale) * scale);
}

float clamped(float x, float low, float high) { return std::min(std::max(x, low), high); }

}  // namespace

Quantizer::Quantizer(Parameters parameters)
    : parameters_(std::move(parameters)),
      rotation_(static_cast<std::uint32_t>(parameters_.mean.size()), parameters_.rotation_seed) {}

Quantizer Quantizer::learn(CodeWidth width, std::uint64_t rotation_seed, std::uint32_t dims,
                           std::span<const float> sample) {
  const Rotation rotation(dims, rotation_seed);
  std::vector<float> rotated(sample.begin(), sample.end());
  const std::size_t rows = rotated.size() / dims;
  std::vector<double> sum(dims);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<float> one = std::span(rotated).subspan(row * dims, dims);
    rotation.apply(one);
    for (std::uint32_t d = 0; d < dims; ++d) sum[d] += one[d];
  }
  Parameters found;
  found.width = width;
  found.rotation_seed = rotation_seed;
  found.mean.resize(dims);
  if (rows == 0) return Quantizer(std::move(found));
  for (std::uint32_t d = 0; d < dims; ++d)
    found.mean[d] = static_cast<float>(sum[d] / static_cast<double>(rows));
  for (std::size_t i = 0; i < rotated.size(); ++i) rotated[i] = std::abs(rotated[i] - found.mean[i % dims]);
  double squares = 0;
  for (const float x : rotated) squares += static_cast<double>(x) * x;
  found.deviation = static_cast<float>(std::sqrt(squares / static_cast<double>(rotated.size())));
  const std::vector<float> longest = longest_tenth(rotated, dims);
  double least = std::numeric_limits<double>::infinity();
  std::vector<float> sorted = rotated;
  const bool wide = width == CodeWidth::int8;
  for (const double kept : wide ? std::span<const double>(kKeptInt8) : std::span<const double>(kKeptInt4)) {
    const auto at =
        sorted.begin() + static_cast<std::ptrdiff_t>(kept * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    const float scale = *at > 0 ? (wide ? 127.0f : 8.0f) / *at : 1;
    const double error = mean_square_error(longest, scale, width);
    if (error >= least) continue;
    least = error;
    found.scale = scale;
  }
  found.error = static_cast<float>(std::sqrt(mean_square_error(rotated, found.scale, width)));
  return Quantizer(std::move(found));
}

void Quantizer::encode(std::span<const float> vector, std::span<float> scratch, std::uint8_t* out) const {
  const std::uint32_t n = dims();
  std::copy(vector.begin(), vector.end(), scratch.begin());
  rotation_.apply(scratch);
  const float* const mean = parameters_.mean.data();
  const float scale = parameters_.scale;
  if (parameters_.width == CodeWidth::int8) {
    for (std::uint32_t d = 0; d < n; ++d) {
      out[d] = static_cast<std::uint8_t>(nearest_integer(clamped((scratch[d] - mean[d]) * scale, -127, 127)) +
                                         128);
    }
    return;
  }
  // Sixteen steps, none of them at zero: code c stands for (c - 7.5) / scale.
  for (std::uint32_t d = 0; d < n; ++d) scratch[d] = clamped((scratch[d] - mean[d]) * scale + 7.5f, 0, 15);
  for (std::uint32_t d = 0; d < n; d += 8) {
    for (std::uint32_t b = 0; b < 4; ++b) {
      out[d / 2 + b] = static_cast<std::uint8_t>(nearest_integer(scratch[d + b]) |
                                                 nearest_integer(scratch[d + 4 + b]) << 4);
    }
  }
}

float Quantizer::quantise_query(std::span<const float> rotated, CodeWidth width, std::int8_t* out) {
  float largest = 0;
  float most_in_lane = 0;
  for (std::size_t d = 0; d < rotated.size(); d += 8) {
    float size[8];
    for (std::size_t i = 0; i < 8; ++i) size[i] = std::abs(rotated[d + i]);
    for (const float s : size) largest = std::max(largest, s);
    // The four that meet in a 16-bit lane: neighbours, of this line and the next.
    most_in_lane = std::max(
        {most_in_lane, size[0] + size[1] + size[4] + size[5], size[2] + size[3] + size[6] + size[7]});
  }
  // A query of nothing but vanishing numbers scores zero everywhere, rather than 0 * infinity.
  float scale = largest > 1e-30f ? 127 / largest : 0;
  // Rounding adds at most a half to each of the four.
  if (width == CodeWidth::int8 && most_in_lane > 0) scale = std::min(scale, 126 / most_in_lane);
  for (std::size_t d = 0; d < rotated.size(); ++d) {
    out[d] = static_cast<std::int8_t>(nearest_integer(rotated[d] * scale));
  }
  return scale;
}

void put_code(const std::uint8_t* code, std::uint32_t bytes, std::uint8_t* block, std::uint32_t lane) {
  for (std::uint32_t b = 0; b < bytes; b += 4) std::memcpy(block + byte_in_block(lane, b), code + b, 4);
}

void take_code(const std::uint8_t* block, std::uint32_t lane, std::uint32_t bytes, std::uint8_t* code) {
  for (std::uint32_t b = 0; b < bytes; b += 4) std::memcpy(code + b, block + byte_in_block(lane, b), 4);
}

}  // namespace winnow
