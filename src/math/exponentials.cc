#include "math/exponentials.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

#include "base/check.h"

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

using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

// bfloat16: the upper halves of floats.
Vector load(const std::uint16_t* HWY_RESTRICT from) {
  const hn::RebindToUnsigned<Floats> bits;
  const hn::Rebind<std::uint16_t, Floats> halves;
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(halves, from))));
}
Vector load(const float* HWY_RESTRICT from) { return hn::LoadU(Floats(), from); }

// Rounds to nearest; ties, which exponentials hardly ever are, go up. For numbers that are not negative.
void store(Vector value, std::uint16_t* HWY_RESTRICT to) {
  const hn::RebindToSigned<Floats> bits;
  const hn::Rebind<std::uint16_t, Floats> halves;
  const auto rounded = hn::Add(hn::BitCast(bits, value), hn::Set(bits, 0x8000));
  hn::StoreU(hn::DemoteTo(halves, hn::ShiftRight<16>(rounded)), halves, to);
}
void store(Vector value, float* HWY_RESTRICT to) { hn::StoreU(value, Floats(), to); }

float widened(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }
float widened(float value) { return value; }

void narrow(float value, std::uint16_t& to) {
  to = static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) + 0x8000) >> 16);
}
void narrow(float value, float& to) { to = value; }

template <class Number>
Exponentials below_highest_of(Number* HWY_RESTRICT values, std::size_t n) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  Exponentials out{widened(values[0]), 0};
  auto highest = hn::Set(d, out.highest);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) highest = hn::Max(highest, load(values + i));
  out.highest = hn::GetLane(hn::MaxOfLanes(d, highest));
  for (; i < n; ++i) out.highest = std::max(out.highest, widened(values[i]));

  const auto offset = hn::Set(d, out.highest);
  auto sum = hn::Zero(d);
  for (i = 0; i + lanes <= n; i += lanes) {
    const auto power = hn::Exp(d, hn::Sub(load(values + i), offset));
    store(power, values + i);
    sum = hn::Add(sum, power);
  }
  out.sum = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < n; ++i) {
    const float power = std::exp(widened(values[i]) - out.highest);
    narrow(power, values[i]);
    out.sum += power;
  }
  return out;
}

Exponentials floats_below_highest(float* HWY_RESTRICT values, std::size_t n) {
  return below_highest_of(values, n);
}
Exponentials bfloat16_below_highest(std::uint16_t* HWY_RESTRICT values, std::size_t n) {
  return below_highest_of(values, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(exponentiate_of);
HWY_EXPORT(floats_below_highest);
HWY_EXPORT(bfloat16_below_highest);

float exponentiate(std::span<float> values, float scale, float shift) {
  return HWY_DYNAMIC_DISPATCH(exponentiate_of)(values.data(), values.size(), scale, shift);
}

Exponentials exponentiate_below_highest(std::span<float> values) {
  WINNOW_CHECK(!values.empty());
  return HWY_DYNAMIC_DISPATCH(floats_below_highest)(values.data(), values.size());
}

Exponentials exponentiate_below_highest(std::span<std::uint16_t> values) {
  WINNOW_CHECK(!values.empty());
  return HWY_DYNAMIC_DISPATCH(bfloat16_below_highest)(values.data(), values.size());
}

}  // namespace winnow
#endif  // HWY_ONCE
