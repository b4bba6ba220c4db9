#include "math/sparse_rows.h"

#include <hwy/cache_control.h>

#include <algorithm>

#include "base/check.h"

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/sparse_rows.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void sum_rows_of(const float* HWY_RESTRICT matrix, const std::uint32_t* HWY_RESTRICT rows,
                 const float* HWY_RESTRICT weights, std::size_t count, float* HWY_RESTRICT out,
                 std::size_t dims) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  // Rows lie anywhere in memory: asking for them a few rows ahead hides most of the wait.
  constexpr std::size_t kAhead = 6;
  std::fill(out, out + dims, 0.0f);
  for (std::size_t k = 0; k < count; ++k) {
    if (k + kAhead < count) {
      const float* ahead = matrix + std::size_t{rows[k + kAhead]} * dims;
      for (std::size_t i = 0; i < dims; i += 16) hwy::Prefetch(ahead + i);
    }
    const float* HWY_RESTRICT row = matrix + std::size_t{rows[k]} * dims;
    const auto weight = hn::Set(d, weights[k]);
    std::size_t i = 0;
    for (; i + lanes <= dims; i += lanes) {
      hn::StoreU(hn::MulAdd(weight, hn::LoadU(d, row + i), hn::LoadU(d, out + i)), d, out + i);
    }
    for (; i < dims; ++i) out[i] += weights[k] * row[i];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(sum_rows_of);

void sum_rows(std::span<const float> matrix, std::span<const std::uint32_t> rows,
              std::span<const float> weights, std::span<float> out) {
  WINNOW_CHECK(rows.size() == weights.size());
  HWY_DYNAMIC_DISPATCH(sum_rows_of)
  (matrix.data(), rows.data(), weights.data(), rows.size(), out.data(), out.size());
}

namespace reference {

void sum_rows(std::span<const float> matrix, std::span<const std::uint32_t> rows,
              std::span<const float> weights, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      sum += static_cast<double>(weights[k]) * matrix[std::size_t{rows[k]} * out.size() + i];
    }
    out[i] = static_cast<float>(sum);
  }
}

}  // namespace reference
}  // namespace winnow
#endif  // HWY_ONCE
