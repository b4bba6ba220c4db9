// Sums of chosen rows of a dense matrix: the inner step of a sparse matrix times a dense one.
//
// SIMD chosen at run time (Highway); `reference` is the oracle. Thread-safe, no allocation.
#pragma once

#include <cstdint>
#include <span>

namespace winnow {

// out = sum over k of weights[k] * matrix row rows[k]. matrix: any number of rows x out.size(), row-major;
// rows.size() == weights.size(). out is overwritten and may not overlap the matrix. O(rows * dims).
void sum_rows(std::span<const float> matrix, std::span<const std::uint32_t> rows,
              std::span<const float> weights, std::span<float> out);

namespace reference {
void sum_rows(std::span<const float> matrix, std::span<const std::uint32_t> rows,
              std::span<const float> weights, std::span<float> out);
}  // namespace reference

}  // namespace winnow
