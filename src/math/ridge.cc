#include "math/ridge.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "base/check.h"

// Scalable vectors (SVE, RVV) cannot stand in arrays, which this kernel needs; NEON serves such machines.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/ridge.cc"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
constexpr std::size_t kLanes = hn::MaxLanes(Tag());  // divides 16, as do all dims
using Vector = hn::Vec<Tag>;
constexpr Tag kTag;

// Four sums at once: out[r] = the sum of s_r's lanes. out is aligned and holds a whole vector.
HWY_INLINE void store_sums(Vector s0, Vector s1, Vector s2, Vector s3, float* HWY_RESTRICT out) {
#if HWY_TARGET == HWY_SCALAR
  out[0] = hn::GetLane(s0);
  out[1] = hn::GetLane(s1);
  out[2] = hn::GetLane(s2);
  out[3] = hn::GetLane(s3);
#else
  const hn::RepartitionToWide<Tag> wide;
  const auto s01 = hn::Add(hn::InterleaveLower(kTag, s0, s1), hn::InterleaveUpper(kTag, s0, s1));
  const auto s23 = hn::Add(hn::InterleaveLower(kTag, s2, s3), hn::InterleaveUpper(kTag, s2, s3));
  const auto low = hn::InterleaveLower(wide, hn::BitCast(wide, s01), hn::BitCast(wide, s23));
  const auto high = hn::InterleaveUpper(wide, hn::BitCast(wide, s01), hn::BitCast(wide, s23));
  auto sums = hn::Add(hn::BitCast(kTag, low), hn::BitCast(kTag, high));
#if HWY_MAX_BYTES >= 64
  sums = hn::Add(sums, hn::ReverseBlocks(kTag, sums));
#endif
#if HWY_MAX_BYTES >= 32
  sums = hn::Add(sums, hn::SwapAdjacentBlocks(sums));
#endif
  hn::StoreU(sums, kTag, out);  // out is a part of an array: aligned to 16 bytes only
#endif
}

// The vectors of one solve, each of kDims floats in aligned memory. kDims is a constant for the common sizes,
// so that the compiler unrolls and keeps them in registers, and 0 where `dims` says it.
template <std::size_t kDims>
struct Kernel {
  std::size_t runtime_dims;
  HWY_INLINE std::size_t dims() const { return kDims != 0 ? kDims : runtime_dims; }

  HWY_INLINE float dot(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b) const {
    auto sum = hn::Zero(kTag);
    for (std::size_t k = 0; k < dims(); k += kLanes) {
      sum = hn::MulAdd(hn::Load(kTag, a + k), hn::Load(kTag, b + k), sum);
    }
    return hn::GetLane(hn::SumOfLanes(kTag, sum));
  }

  // out += sum over the rows of row * <row, p>; with targets, of row * (target - <row, p>). Eight rows at a
  // time: p and out are read and written once for all of them, and eight chains of additions hide each
  // other's latency.
  HWY_INLINE void add_outer_products(const float* HWY_RESTRICT rows, std::size_t count,
                                     const float* HWY_RESTRICT p, const float* HWY_RESTRICT targets,
                                     float* HWY_RESTRICT out) const {
    const std::size_t n = dims();
    alignas(64) float sums[8 + 16];
    std::size_t r = 0;
    for (; r + 8 <= count; r += 8) {
      const float* HWY_RESTRICT row = rows + r * n;
      auto s0 = hn::Zero(kTag);
      auto s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
      for (std::size_t k = 0; k < n; k += kLanes) {
        const auto q = hn::Load(kTag, p + k);
        s0 = hn::MulAdd(hn::Load(kTag, row + k), q, s0);
        s1 = hn::MulAdd(hn::Load(kTag, row + n + k), q, s1);
        s2 = hn::MulAdd(hn::Load(kTag, row + 2 * n + k), q, s2);
        s3 = hn::MulAdd(hn::Load(kTag, row + 3 * n + k), q, s3);
        s4 = hn::MulAdd(hn::Load(kTag, row + 4 * n + k), q, s4);
        s5 = hn::MulAdd(hn::Load(kTag, row + 5 * n + k), q, s5);
        s6 = hn::MulAdd(hn::Load(kTag, row + 6 * n + k), q, s6);
        s7 = hn::MulAdd(hn::Load(kTag, row + 7 * n + k), q, s7);
      }
      store_sums(s0, s1, s2, s3, sums);
      store_sums(s4, s5, s6, s7, sums + 4);
      if (targets != nullptr) {
        for (std::size_t j = 0; j < 8; ++j) sums[j] = targets[r + j] - sums[j];
      }
      s0 = hn::Set(kTag, sums[0]);
      s1 = hn::Set(kTag, sums[1]);
      s2 = hn::Set(kTag, sums[2]);
      s3 = hn::Set(kTag, sums[3]);
      s4 = hn::Set(kTag, sums[4]);
      s5 = hn::Set(kTag, sums[5]);
      s6 = hn::Set(kTag, sums[6]);
      s7 = hn::Set(kTag, sums[7]);
      for (std::size_t k = 0; k < n; k += kLanes) {
        auto left = hn::Mul(hn::Load(kTag, row + k), s0);
        auto right = hn::Mul(hn::Load(kTag, row + n + k), s1);
        left = hn::MulAdd(hn::Load(kTag, row + 2 * n + k), s2, left);
        right = hn::MulAdd(hn::Load(kTag, row + 3 * n + k), s3, right);
        left = hn::MulAdd(hn::Load(kTag, row + 4 * n + k), s4, left);
        right = hn::MulAdd(hn::Load(kTag, row + 5 * n + k), s5, right);
        left = hn::MulAdd(hn::Load(kTag, row + 6 * n + k), s6, left);
        right = hn::MulAdd(hn::Load(kTag, row + 7 * n + k), s7, right);
        hn::Store(hn::Add(hn::Load(kTag, out + k), hn::Add(left, right)), kTag, out + k);
      }
    }
    for (; r < count; ++r) {
      const float* HWY_RESTRICT row = rows + r * n;
      const float product = dot(row, p);
      const auto s = hn::Set(kTag, targets != nullptr ? targets[r] - product : product);
      for (std::size_t k = 0; k < n; k += kLanes) {
        hn::Store(hn::MulAdd(hn::Load(kTag, row + k), s, hn::Load(kTag, out + k)), kTag, out + k);
      }
    }
  }

  // Copies the chosen rows beside each other, scaled by the root of their confidence; the roots themselves
  // are what the scaled rows should predict.
  HWY_INLINE void gather(const RidgeProblem& problem, float* HWY_RESTRICT gathered,
                         float* HWY_RESTRICT roots) const {
    // Rows lie anywhere in memory: asking for them a few rows ahead hides most of the wait.
    constexpr std::size_t kAhead = 8;
    const std::size_t n = dims();
    const float* HWY_RESTRICT matrix = problem.matrix.data();
    const std::size_t count = problem.rows.size();
    for (std::size_t r = 0; r < count; ++r) {
      if (r + kAhead < count) {
        const float* ahead = matrix + std::size_t{problem.rows[r + kAhead]} * n;
        for (std::size_t k = 0; k < n; k += 16) hwy::Prefetch(ahead + k);
      }
      const float* HWY_RESTRICT row = matrix + std::size_t{problem.rows[r]} * n;
      float* HWY_RESTRICT to = gathered + r * n;
      roots[r] = problem.confidence.empty() ? 1.0f : std::sqrt(problem.confidence[r]);
      const auto scale = hn::Set(kTag, roots[r]);
      for (std::size_t k = 0; k < n; k += kLanes) {
        hn::Store(hn::Mul(hn::LoadU(kTag, row + k), scale), kTag, to + k);
      }
    }
  }

  // With w_r = root_r * v_r the equations are (diag(penalty) + sum w_r w_r') x = sum root_r w_r.
  void solve(const RidgeProblem& problem, std::uint32_t steps, float* HWY_RESTRICT gathered,
             float* HWY_RESTRICT roots, float* HWY_RESTRICT vectors, float* HWY_RESTRICT x_out) const {
    const std::size_t n = dims();
    const std::size_t count = problem.rows.size();
    float* HWY_RESTRICT x = vectors;
    float* HWY_RESTRICT residual = vectors + n;
    float* HWY_RESTRICT direction = vectors + 2 * n;
    float* HWY_RESTRICT product = vectors + 3 * n;
    float* HWY_RESTRICT inverse = vectors + 4 * n;
    const float* HWY_RESTRICT penalty = problem.penalty.data();

    gather(problem, gathered, roots);

    // residual = sum w_r (root_r - <w_r, x>) - penalty * x; direction = residual / penalty.
    for (std::size_t k = 0; k < n; k += kLanes) {
      const auto start = hn::LoadU(kTag, x_out + k);
      const auto diagonal = hn::LoadU(kTag, penalty + k);
      hn::Store(start, kTag, x + k);
      hn::Store(hn::Div(hn::Set(kTag, 1.0f), diagonal), kTag, inverse + k);
      hn::Store(hn::Neg(hn::Mul(diagonal, start)), kTag, residual + k);
    }
    add_outer_products(gathered, count, x, roots, residual);
    auto sum = hn::Zero(kTag);
    for (std::size_t k = 0; k < n; k += kLanes) {
      const auto rest = hn::Load(kTag, residual + k);
      const auto step = hn::Mul(rest, hn::Load(kTag, inverse + k));
      hn::Store(step, kTag, direction + k);
      sum = hn::MulAdd(rest, step, sum);
    }
    float size = hn::GetLane(hn::SumOfLanes(kTag, sum));

    for (std::uint32_t s = 0; s < steps && size > 1e-14f; ++s) {
      for (std::size_t k = 0; k < n; k += kLanes) {
        hn::Store(hn::Mul(hn::LoadU(kTag, penalty + k), hn::Load(kTag, direction + k)), kTag, product + k);
      }
      add_outer_products(gathered, count, direction, nullptr, product);
      const float curvature = dot(direction, product);
      if (!(curvature > 0)) break;  // rounding has eaten the direction: x is as good as it gets
      const auto length = hn::Set(kTag, size / curvature);
      auto next = hn::Zero(kTag);
      for (std::size_t k = 0; k < n; k += kLanes) {
        hn::Store(hn::MulAdd(length, hn::Load(kTag, direction + k), hn::Load(kTag, x + k)), kTag, x + k);
        const auto rest = hn::NegMulAdd(length, hn::Load(kTag, product + k), hn::Load(kTag, residual + k));
        hn::Store(rest, kTag, residual + k);
        const auto step = hn::Mul(rest, hn::Load(kTag, inverse + k));
        hn::Store(step, kTag, product + k);
        next = hn::MulAdd(rest, step, next);
      }
      const float next_size = hn::GetLane(hn::SumOfLanes(kTag, next));
      const auto turn = hn::Set(kTag, next_size / size);
      size = next_size;
      for (std::size_t k = 0; k < n; k += kLanes) {
        hn::Store(hn::MulAdd(turn, hn::Load(kTag, direction + k), hn::Load(kTag, product + k)), kTag,
                  direction + k);
      }
    }
    for (std::size_t k = 0; k < n; k += kLanes) hn::StoreU(hn::Load(kTag, x + k), kTag, x_out + k);
  }
};

void solve_ridge(const RidgeProblem& problem, std::uint32_t steps, std::size_t dims, float* gathered,
                 float* roots, float* vectors, float* x) {
  switch (dims) {
    case 32:
      return Kernel<32>{dims}.solve(problem, steps, gathered, roots, vectors, x);
    case 64:
      return Kernel<64>{dims}.solve(problem, steps, gathered, roots, vectors, x);
    case 128:
      return Kernel<128>{dims}.solve(problem, steps, gathered, roots, vectors, x);
    default:
      return Kernel<0>{dims}.solve(problem, steps, gathered, roots, vectors, x);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(solve_ridge);

RidgeSolver::RidgeSolver(std::uint32_t dims) : dims_(dims), vectors_(hwy::AllocateAligned<float>(5 * dims)) {
  WINNOW_CHECK(dims > 0 && dims % 16 == 0);
}

void RidgeSolver::solve(const RidgeProblem& problem, std::uint32_t steps, std::span<float> x) {
  WINNOW_CHECK(x.size() == dims_ && problem.penalty.size() == dims_);
  WINNOW_CHECK(problem.confidence.empty() || problem.confidence.size() == problem.rows.size());
  if (problem.rows.size() > capacity_) {
    capacity_ = std::max<std::size_t>(problem.rows.size(), 2 * capacity_);
    gathered_ = hwy::AllocateAligned<float>(capacity_ * (dims_ + 1));
  }
  float* roots = gathered_.get() + capacity_ * dims_;
  HWY_DYNAMIC_DISPATCH(solve_ridge)(problem, steps, dims_, gathered_.get(), roots, vectors_.get(), x.data());
}

std::vector<float> RidgeSolver::solve_exactly(const RidgeProblem& problem) {
  const auto dims = static_cast<Eigen::Index>(problem.penalty.size());
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(dims, dims);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(dims);
  for (Eigen::Index k = 0; k < dims; ++k) normal(k, k) = problem.penalty[static_cast<std::size_t>(k)];
  for (std::size_t r = 0; r < problem.rows.size(); ++r) {
    const Eigen::VectorXd row =
        Eigen::Map<const Eigen::VectorXf>(
            problem.matrix.data() + std::size_t{problem.rows[r]} * problem.penalty.size(), dims)
            .cast<double>();
    const double confidence = problem.confidence.empty() ? 1.0 : problem.confidence[r];
    normal.selfadjointView<Eigen::Lower>().rankUpdate(row, confidence);
    right += confidence * row;
  }
  const Eigen::VectorXf x = normal.selfadjointView<Eigen::Lower>().llt().solve(right).cast<float>();
  return {x.data(), x.data() + dims};
}

}  // namespace winnow
#endif  // HWY_ONCE
