// Dense matrix work that is worth a BLAS: Gramians, products, eigenbases. Single-threaded. All row-major.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/aligned.h"

namespace winnow {

// matrix' * diag(weights) * matrix, columns x columns. matrix: any rows x columns; weights: one per row, not
// negative; empty: all 1.
std::vector<float> gramian(std::span<const float> matrix, std::uint32_t columns,
                           std::span<const float> weights = {});

// left * right. left: rows x inner, right: inner x columns. Returns rows x columns.
AlignedFloats multiply(std::span<const float> left, std::span<const float> right, std::uint32_t inner);

// left' * right. left: rows x any, right: rows x any. Returns left's columns x right's columns.
AlignedFloats multiply_left_transposed(std::span<const float> left, std::span<const float> right,
                                       std::uint32_t rows);

// out = left * right'. left: m x inner, right: n x inner, out: m x n. The scores of many users at once.
void multiply_transposed(std::span<const float> left, std::span<const float> right, std::uint32_t inner,
                         std::span<float> out);

// The inverse of a positive definite matrix, in its own memory, by Cholesky factorisation (LAPACK, blocked).
// symmetric: n x n; only the lower triangle is read, both are written. False when it is not positive
// definite; it is spoiled then. O(n^3).
bool invert_positive_definite(std::span<float> symmetric, std::uint32_t n);

// Solves symmetric * x = right: x is left in `right`, the matrix is spoiled. As above. O(n^3).
bool solve_positive_definite(std::span<float> symmetric, std::span<float> right);

// symmetric = vectors * diag(values) * vectors'.
struct EigenBasis {
  std::vector<float> values;   // n, ascending
  std::vector<float> vectors;  // n x n, columns are eigenvectors
};
EigenBasis eigen_basis(std::span<const float> symmetric, std::uint32_t n);

}  // namespace winnow
