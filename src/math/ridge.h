// The small least-squares problem that alternating least squares solves once a row:
//
//     minimise over x:  sum over r of confidence[r] * (1 - <v_r, x>)^2  +  sum over k of penalty[k] * x[k]^2
//
// where v_r are chosen rows of a matrix and the penalty is diagonal. Its normal equations are
// (diag(penalty) + sum c_r v_r v_r') x = sum c_r v_r. They are solved without ever forming the dims x dims
// matrix: by conjugate gradients preconditioned with the diagonal penalty (Hestenes and Stiefel 1952),
// started from the x that is passed in. A warm start and a penalty that holds most of the spectrum make two
// or three steps enough.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <hwy/aligned_allocator.h>

namespace winnow {

struct RidgeProblem {
  std::span<const float> matrix;        // any number of rows x dims, row-major
  std::span<const std::uint32_t> rows;  // the v_r
  std::span<const float> confidence;    // one per row, > 0; empty: all 1
  std::span<const float> penalty;       // dims, > 0
};

// Holds the buffers, so that solving allocates nothing once they are large enough. One per thread.
class RidgeSolver final {
 public:
  // dims: a multiple of 16.
  explicit RidgeSolver(std::uint32_t dims);

  // x: dims, the start in and the solution out. At most `steps` steps. O(rows * dims * steps).
  void solve(const RidgeProblem& problem, std::uint32_t steps, std::span<float> x);

  // The same by Cholesky factorisation in double precision: the oracle. O(rows * dims^2 + dims^3).
  static std::vector<float> solve_exactly(const RidgeProblem& problem);

 private:
  std::uint32_t dims_;
  std::size_t capacity_ = 0;                     // rows that `gathered_` holds
  hwy::AlignedFreeUniquePtr<float[]> gathered_;  // capacity x dims: sqrt(confidence) * v_r; then those roots
  hwy::AlignedFreeUniquePtr<float[]> vectors_;   // the five vectors of conjugate gradients
};

}  // namespace winnow
