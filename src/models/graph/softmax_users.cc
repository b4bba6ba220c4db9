#include "models/graph/softmax_users.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "math/dense.h"
#include "math/exponentials.h"
#include "math/vector_kernels.h"

namespace winnow {

Softmaxes softmaxes_of(std::span<const float> users, std::span<const float> items, std::uint32_t dims,
                       float temperature) {
  const std::size_t count = users.size() / dims;
  const std::size_t width = items.size() / dims;
  WINNOW_CHECK(width > 0);
  Softmaxes out;
  out.weights.resize(count * width);
  multiply_transposed(users, items, dims, out.weights);
  const float sharpness = 1 / temperature;
  for (std::size_t u = 0; u < count; ++u) {
    // Cosines are at most 1: the shift keeps exponentials below 1, and a sum of 0 from being divided by.
    const float sum = exponentiate(std::span(out.weights).subspan(u * width, width), sharpness, sharpness);
    out.sums.push_back(std::max(sum, 1e-30f));
  }
  return out;
}

void move_towards(std::span<const float> means, const Softmaxes& softmaxes, std::span<const float> items,
                  std::span<float> users) {
  const std::size_t count = softmaxes.sums.size();
  const std::size_t dims = users.size() / count;
  WINNOW_CHECK(means.size() == users.size());
  const AlignedFloats expected =
      multiply(softmaxes.weights, items, static_cast<std::uint32_t>(items.size() / dims));
  axpy(1.0f, means, users);
  for (std::size_t u = 0; u < count; ++u) {
    axpy(-1 / softmaxes.sums[u], std::span(expected).subspan(u * dims, dims), users.subspan(u * dims, dims));
  }
  normalise_rows(users, static_cast<std::uint32_t>(dims));
}

std::vector<float> normalise_rows(std::span<float> matrix, std::uint32_t dims) {
  std::vector<float> lengths(matrix.size() / dims);
  for (std::size_t r = 0; r < lengths.size(); ++r) {
    const auto row = matrix.subspan(r * dims, dims);
    lengths[r] = std::max(1e-12f, std::sqrt(dot(row, row)));
    for (float& value : row) value /= lengths[r];
  }
  return lengths;
}

void unnormalise_gradient(std::span<const float> normalised, std::span<const float> lengths,
                          std::uint32_t dims, std::span<float> gradient) {
  for (std::size_t r = 0; r < lengths.size(); ++r) {
    const auto row = normalised.subspan(r * dims, dims);
    const auto slope = gradient.subspan(r * dims, dims);
    axpy(-dot(row, slope), row, slope);
    for (float& value : slope) value /= lengths[r];
  }
}

}  // namespace winnow
