#include "math/logarithms.h"

#include <algorithm>
#include <cstddef>

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/logarithms.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>  // must come after highway.h

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;

hn::Vec<Floats> log1p_of(hn::Vec<Floats> x) {
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Log1p(Floats(), x));
}

void log1p_all(float* HWY_RESTRICT values, std::size_t n) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(log1p_of(hn::LoadU(d, values + i)), d, values + i);
  if (i == n) return;
  // The rest takes the same way, so that a number's place makes no difference.
  HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
  std::copy(values + i, values + n, rest);
  hn::Store(log1p_of(hn::Load(d, rest)), d, rest);
  std::copy(rest, rest + (n - i), values + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(log1p_all);

void log1p_in_place(std::span<float> values) {
  HWY_DYNAMIC_DISPATCH(log1p_all)(values.data(), values.size());
}

}  // namespace winnow
#endif  // HWY_ONCE
