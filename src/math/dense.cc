#include "math/dense.h"

#include <cblas.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "base/check.h"

// LAPACK's own names, as OpenBLAS exports them; its package has no header for them.
extern "C" {
void spotrf_(const char* triangle, const int* n, float* a, const int* stride, int* info);
void spotri_(const char* triangle, const int* n, float* a, const int* stride, int* info);
void spotrs_(const char* triangle, const int* n, const int* columns, const float* a, const int* stride,
             float* b, const int* b_stride, int* info);
}

namespace winnow {
namespace {

// Training shares its machine with serving, so it takes one core; and sums over threads would come out
// differently from run to run.
void use_one_thread() { openblas_set_num_threads(1); }

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

std::vector<float> gramian(std::span<const float> matrix, std::uint32_t columns,
                           std::span<const float> weights) {
  use_one_thread();
  WINNOW_CHECK(weights.empty() || weights.size() * columns == matrix.size());
  std::vector<float> out(std::size_t{columns} * columns);
  const int n = static_cast<int>(columns);
  const std::size_t rows = matrix.size() / columns;
  const auto add = [&](const float* block, std::size_t count) {
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, static_cast<int>(count), 1.0f, block, n, block,
                n, 1.0f, out.data(), n);
  };
  if (weights.empty()) {
    if (rows > 0) add(matrix.data(), rows);
    return out;
  }
  // Rows times the root of their weight, a block at a time, so that the copy stays in cache.
  constexpr std::size_t kBlock = 512;
  AlignedFloats scaled(kBlock * columns);
  for (std::size_t begin = 0; begin < rows; begin += kBlock) {
    const std::size_t count = std::min(kBlock, rows - begin);
    for (std::size_t row = 0; row < count; ++row) {
      const float root = std::sqrt(weights[begin + row]);
      const float* from = matrix.data() + (begin + row) * columns;
      float* to = scaled.data() + row * columns;
      for (std::size_t k = 0; k < columns; ++k) to[k] = root * from[k];
    }
    add(scaled.data(), count);
  }
  return out;
}

AlignedFloats multiply(std::span<const float> left, std::span<const float> right, std::uint32_t inner) {
  use_one_thread();
  const auto rows = static_cast<int>(left.size() / inner);
  const auto columns = static_cast<int>(right.size() / inner);
  AlignedFloats out(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  if (out.empty()) return out;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, static_cast<int>(inner), 1.0f,
              left.data(), static_cast<int>(inner), right.data(), columns, 0.0f, out.data(), columns);
  return out;
}

AlignedFloats multiply_left_transposed(std::span<const float> left, std::span<const float> right,
                                       std::uint32_t rows) {
  use_one_thread();
  const auto m = static_cast<int>(left.size() / rows);
  const auto n = static_cast<int>(right.size() / rows);
  AlignedFloats out(static_cast<std::size_t>(m) * static_cast<std::size_t>(n));
  if (out.empty()) return out;
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, static_cast<int>(rows), 1.0f, left.data(), m,
              right.data(), n, 0.0f, out.data(), n);
  return out;
}

void multiply_transposed(std::span<const float> left, std::span<const float> right, std::uint32_t inner,
                         std::span<float> out) {
  use_one_thread();
  const auto rows = static_cast<int>(left.size() / inner);
  const auto columns = static_cast<int>(right.size() / inner);
  WINNOW_CHECK(out.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  if (out.empty()) return;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, static_cast<int>(inner), 1.0f,
              left.data(), static_cast<int>(inner), right.data(), static_cast<int>(inner), 0.0f, out.data(),
              columns);
}

bool invert_positive_definite(std::span<float> symmetric, std::uint32_t n) {
  use_one_thread();
  WINNOW_CHECK(symmetric.size() == std::size_t{n} * n);
  const int order = static_cast<int>(n);
  int info = 0;
  // Column-major upper is row-major lower.
  spotrf_("U", &order, symmetric.data(), &order, &info);
  if (info == 0) spotri_("U", &order, symmetric.data(), &order, &info);
  if (info != 0) return false;
  // Tiles, so that neither the row nor the column that is copied falls out of cache.
  constexpr std::size_t kTile = 64;
  for (std::size_t row0 = 0; row0 < n; row0 += kTile) {
    for (std::size_t column0 = 0; column0 <= row0; column0 += kTile) {
      for (std::size_t row = row0; row < std::min<std::size_t>(row0 + kTile, n); ++row) {
        for (std::size_t column = column0; column < std::min(column0 + kTile, row); ++column) {
          symmetric[column * n + row] = symmetric[row * n + column];
        }
      }
    }
  }
  return true;
}

bool solve_positive_definite(std::span<float> symmetric, std::span<float> right) {
  use_one_thread();
  WINNOW_CHECK(symmetric.size() == right.size() * right.size());
  const int order = static_cast<int>(right.size());
  const int one = 1;
  int info = 0;
  spotrf_("U", &order, symmetric.data(), &order, &info);
  if (info == 0) spotrs_("U", &order, &one, symmetric.data(), &order, right.data(), &order, &info);
  return info == 0;
}

EigenBasis eigen_basis(std::span<const float> symmetric, std::uint32_t n) {
  WINNOW_CHECK(symmetric.size() == std::size_t{n} * n);
  const Eigen::Map<const RowMajor> matrix(symmetric.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix.cast<double>());
  EigenBasis out;
  out.values.resize(n);
  out.vectors.resize(symmetric.size());
  Eigen::Map<Eigen::VectorXf>(out.values.data(), n) = solver.eigenvalues().cast<float>();
  Eigen::Map<RowMajor>(out.vectors.data(), n, n) = solver.eigenvectors().cast<float>();
  return out;
}

}  // namespace winnow
