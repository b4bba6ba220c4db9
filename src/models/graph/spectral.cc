#include "models/graph/spectral.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/random.h"
#include "math/dense.h"
#include "math/vector_kernels.h"
#include "models/option_range.h"

namespace winnow {
namespace {

Status check_options(const SpectralOptions& options) {
  return first_error({in_range("spectral.dims", options.dims, 1, 1024),
                      in_range("spectral.iterations", options.iterations, 1, 100),
                      in_range("spectral.history_exponent", options.history_exponent, 0, 2),
                      in_range("spectral.answer_exponent", options.answer_exponent, 0, 2)});
}

// matrix * vectors * diag(scale), columns from the largest eigenvalue to the smallest.
AlignedFloats turned(const AlignedFloats& matrix, const EigenBasis& basis, const std::vector<float>& scale) {
  const std::size_t n = basis.values.size();
  std::vector<float> right(n * n);
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t k = 0; k < n; ++k) {
      right[row * n + k] = basis.vectors[row * n + (n - 1 - k)] * scale[n - 1 - k];
    }
  }
  return multiply(matrix, right, static_cast<std::uint32_t>(n));
}

// The same span with orthonormal columns; directions that are lost in rounding become zero.
AlignedFloats orthonormal(const AlignedFloats& matrix, std::uint32_t columns) {
  const EigenBasis basis = eigen_basis(gramian(matrix, columns), columns);
  const float least = 1e-6f * std::max(0.0f, basis.values.back());
  std::vector<float> scale(columns);
  for (std::uint32_t k = 0; k < columns; ++k) {
    scale[k] = basis.values[k] > least ? 1 / std::sqrt(basis.values[k]) : 0.0f;
  }
  return turned(matrix, basis, scale);
}

}  // namespace

AlignedFloats leading_eigenvectors(const Propagation& graph, std::uint32_t items, std::uint32_t dims,
                                   std::uint32_t iterations, std::uint64_t seed,
                                   const TrainProgress& progress) {
  WINNOW_CHECK(dims > 0 && dims <= items);
  // Some columns more than wanted: the last of a subspace converge last.
  const std::uint32_t columns = std::min(items, dims + dims / 8 + 8);
  Random random(seed);
  AlignedFloats space(std::size_t{items} * columns);
  for (float& value : space) value = static_cast<float>(random.normal());
  for (std::uint32_t k = 0; k < iterations; ++k) {
    space = orthonormal(graph.spread(space, columns), columns);
    if (progress && !progress(k + 1, iterations)) break;
  }
  // Rayleigh-Ritz: the eigenvectors of S within the subspace.
  const AlignedFloats within = multiply_left_transposed(space, graph.spread(space, columns), items);
  const EigenBasis basis = eigen_basis(within, columns);
  const AlignedFloats sorted = turned(space, basis, std::vector<float>(columns, 1.0f));
  AlignedFloats out(std::size_t{items} * dims);
  for (std::uint32_t item = 0; item < items; ++item) {
    std::copy_n(sorted.begin() + static_cast<std::ptrdiff_t>(std::size_t{item} * columns), dims,
                out.begin() + static_cast<std::ptrdiff_t>(std::size_t{item} * dims));
  }
  return out;
}

Result<ItemVectorsModel> train_spectral(const Interactions& data, const SpectralOptions& options,
                                        const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  const std::uint32_t dims = std::min(options.dims, data.items);
  AlignedFloats spoken =
      leading_eigenvectors(Propagation(data), data.items, dims, options.iterations, options.seed, progress);
  AlignedFloats answers = spoken;
  std::vector<float> degree(data.items);
  for (const std::uint32_t item : data.item) ++degree[item];
  for (std::uint32_t item = 0; item < data.items; ++item) {
    const float n = std::max(1.0f, degree[item]);
    const float history_scale = std::pow(n, -options.history_exponent);
    const float answer_scale = std::pow(n, options.answer_exponent);
    for (std::size_t k = std::size_t{item} * dims; k < std::size_t{item + 1} * dims; ++k) {
      spoken[k] *= history_scale;
      answers[k] *= answer_scale;
    }
  }
  return ItemVectorsModel(dims, std::move(spoken), std::move(answers), options.history_half_life_days);
}

void low_pass(const ItemVectorsModel& model, float weight,
              std::span<const std::span<const HistoryEntry>> histories, std::span<float> scores) {
  model.score_all(histories, scores);
  for (std::size_t u = 0; u < histories.size(); ++u) {
    // The model scales users to length 1: their own length is given back.
    const std::vector<float> user = model.sum_of(histories[u]);
    const float factor = weight * std::sqrt(dot(user, user));
    for (float& score : scores.subspan(u * model.items(), model.items())) score *= factor;
  }
}

}  // namespace winnow
