#include "math/adam.h"

#include <cmath>

#include "base/check.h"

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/adam.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#ifndef WINNOW_ADAM_DECAYS
#define WINNOW_ADAM_DECAYS
namespace winnow {
inline constexpr float kFirstDecay = 0.9f;
inline constexpr float kSecondDecay = 0.99f;
}  // namespace winnow
#endif

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The moments began at zero; `rate` and `second_scale` make up for that.
void adam_step(const float* HWY_RESTRICT gradient, float rate, float second_scale, std::size_t n,
               float* HWY_RESTRICT first, float* HWY_RESTRICT second, float* HWY_RESTRICT parameters) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto step = [&](auto tag, std::size_t at) {
    const auto slope = hn::LoadU(tag, gradient + at);
    const auto mean = hn::MulAdd(hn::Set(tag, kFirstDecay), hn::LoadU(tag, first + at),
                                 hn::Mul(hn::Set(tag, 1 - kFirstDecay), slope));
    const auto square = hn::MulAdd(hn::Set(tag, kSecondDecay), hn::LoadU(tag, second + at),
                                   hn::Mul(hn::Set(tag, 1 - kSecondDecay), hn::Mul(slope, slope)));
    hn::StoreU(mean, tag, first + at);
    hn::StoreU(square, tag, second + at);
    const auto size = hn::Add(hn::Sqrt(hn::Mul(hn::Set(tag, second_scale), square)), hn::Set(tag, 1e-8f));
    const auto moved =
        hn::Sub(hn::LoadU(tag, parameters + at), hn::Div(hn::Mul(hn::Set(tag, rate), mean), size));
    hn::StoreU(moved, tag, parameters + at);
  };
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) step(d, i);
  for (; i < n; ++i) step(hn::CappedTag<float, 1>(), i);
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(adam_step);

void Adam::step(std::span<const float> gradient, float rate, std::span<float> parameters) {
  WINNOW_CHECK(gradient.size() == first_.size() && parameters.size() == first_.size());
  ++steps_;
  const auto n = static_cast<double>(steps_);
  const auto scaled_rate = static_cast<float>(rate / (1 - std::pow(static_cast<double>(kFirstDecay), n)));
  const auto second_scale = static_cast<float>(1 / (1 - std::pow(static_cast<double>(kSecondDecay), n)));
  HWY_DYNAMIC_DISPATCH(adam_step)
  (gradient.data(), scaled_rate, second_scale, parameters.size(), first_.data(), second_.data(),
   parameters.data());
}

}  // namespace winnow
#endif  // HWY_ONCE
