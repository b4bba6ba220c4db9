#include "math/vector_kernels.h"

#include "base/check.h"

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/vector_kernels.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

float dot_of(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t n) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  std::size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    sum0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum0);
    sum1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), sum1);
  }
  for (; i + lanes <= n; i += lanes) sum0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum0);
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

void axpy_of(float alpha, const float* HWY_RESTRICT x, float* HWY_RESTRICT y, std::size_t n) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, alpha);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(hn::MulAdd(factor, hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  }
  for (; i < n; ++i) y[i] += alpha * x[i];
}

void score_rows_of(const float* HWY_RESTRICT rows, const float* HWY_RESTRICT query, std::size_t dims,
                   float* HWY_RESTRICT out, std::size_t count) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t r = 0;
  // Four rows at a time: four independent chains hide the latency of the additions, and the query is read
  // once.
  for (; r + 4 <= count; r += 4) {
    const float* HWY_RESTRICT row0 = rows + r * dims;
    const float* HWY_RESTRICT row1 = row0 + dims;
    const float* HWY_RESTRICT row2 = row1 + dims;
    const float* HWY_RESTRICT row3 = row2 + dims;
    auto sum0 = hn::Zero(d);
    auto sum1 = hn::Zero(d);
    auto sum2 = hn::Zero(d);
    auto sum3 = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= dims; i += lanes) {
      const auto q = hn::LoadU(d, query + i);
      sum0 = hn::MulAdd(hn::LoadU(d, row0 + i), q, sum0);
      sum1 = hn::MulAdd(hn::LoadU(d, row1 + i), q, sum1);
      sum2 = hn::MulAdd(hn::LoadU(d, row2 + i), q, sum2);
      sum3 = hn::MulAdd(hn::LoadU(d, row3 + i), q, sum3);
    }
    float tail[4] = {};
    for (; i < dims; ++i) {
      tail[0] += row0[i] * query[i];
      tail[1] += row1[i] * query[i];
      tail[2] += row2[i] * query[i];
      tail[3] += row3[i] * query[i];
    }
    out[r] = hn::GetLane(hn::SumOfLanes(d, sum0)) + tail[0];
    out[r + 1] = hn::GetLane(hn::SumOfLanes(d, sum1)) + tail[1];
    out[r + 2] = hn::GetLane(hn::SumOfLanes(d, sum2)) + tail[2];
    out[r + 3] = hn::GetLane(hn::SumOfLanes(d, sum3)) + tail[3];
  }
  for (; r < count; ++r) out[r] = dot_of(rows + r * dims, query, dims);
}

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(dot_of);
HWY_EXPORT(axpy_of);
HWY_EXPORT(score_rows_of);
HWY_EXPORT(target_name);

float dot(std::span<const float> a, std::span<const float> b) {
  WINNOW_CHECK(a.size() == b.size());
  return HWY_DYNAMIC_DISPATCH(dot_of)(a.data(), b.data(), a.size());
}

void axpy(float alpha, std::span<const float> x, std::span<float> y) {
  WINNOW_CHECK(x.size() == y.size());
  HWY_DYNAMIC_DISPATCH(axpy_of)(alpha, x.data(), y.data(), x.size());
}

void score_rows(std::span<const float> rows, std::span<const float> query, std::span<float> out) {
  WINNOW_CHECK(rows.size() == query.size() * out.size());
  HWY_DYNAMIC_DISPATCH(score_rows_of)(rows.data(), query.data(), query.size(), out.data(), out.size());
}

std::string simd_name() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

namespace reference {

float dot(std::span<const float> a, std::span<const float> b) {
  WINNOW_CHECK(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return static_cast<float>(sum);
}

void axpy(float alpha, std::span<const float> x, std::span<float> y) {
  WINNOW_CHECK(x.size() == y.size());
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += alpha * x[i];
}

void score_rows(std::span<const float> rows, std::span<const float> query, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = dot(rows.subspan(i * query.size(), query.size()), query);
}

}  // namespace reference
}  // namespace winnow
#endif  // HWY_ONCE
