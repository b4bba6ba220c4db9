#include "math/exponentials.h"

#include <cmath>
#include <cstddef>

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/exponentials.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>  // must come after highway.h

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

float exponentiate_of(float* HWY_RESTRICT values, std::size_t n, float scale, float shift) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto factor = hn::Set(d, scale);
  const auto offset = hn::Set(d, -shift);
  auto sum = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto power = hn::Exp(d, hn::MulAdd(factor, hn::LoadU(d, values + i), offset));
    hn::StoreU(power, d, values + i);
    sum = hn::Add(sum, power);
  }
  float total = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < n; ++i) {
    values[i] = std::exp(scale * values[i] - shift);
    total += values[i];
  }
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(exponentiate_of);

float exponentiate(std::span<float> values, float scale, float shift) {
  return HWY_DYNAMIC_DISPATCH(exponentiate_of)(values.data(), values.size(), scale, shift);
}

}  // namespace winnow
#endif  // HWY_ONCE
