#include "models/multitask/mmoe_kernels.h"

#include <algorithm>
#include <cstring>

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/multitask/mmoe_kernels.cc"
#include <hwy/foreach_target.h>  // must come before the others

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Widths are multiples of it.
using Tag = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Tag>;
using Ints = hn::RebindToSigned<Tag>;

// From numbers to what a layer reads, a vector of channels at a time.
struct ToFloats {
  using Number = float;
  HWY_INLINE void store(Vector values, std::size_t /*channel*/, float* out) const {
    hn::Store(values, Tag(), out);
  }
};

struct ToHalves {
  using Number = std::uint16_t;
  HWY_INLINE void store(Vector values, std::size_t /*channel*/, std::uint16_t* out) const {
    const hn::RebindToUnsigned<Tag> words;
    const auto bits = hn::BitCast(words, values);
    const auto even = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1));
    const auto rounded = hn::Add(bits, hn::Add(even, hn::Set(words, 0x7FFF)));
    const auto upper = hn::BitCast(Ints(), hn::ShiftRight<16>(rounded));
    const hn::Rebind<std::uint16_t, Tag> halves;
    hn::StoreU(hn::DemoteTo(halves, upper), halves, out);
  }
};

struct ToCodes {
  using Number = std::uint8_t;
  const float* low;
  const float* inverse_step;
  HWY_INLINE void store(Vector values, std::size_t channel, std::uint8_t* out) const {
    const Tag d;
    const Vector above = hn::Sub(values, hn::Load(d, low + channel));
    const Vector steps = hn::Mul(above, hn::Load(d, inverse_step + channel));
    const Vector kept = hn::Min(steps, hn::Set(d, kLargestCode));
    const hn::Rebind<std::uint8_t, Tag> bytes;
    hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(kept)), bytes, out);  // below 0 becomes 0
  }
};

// The vector at `channel` of a row; zeros where the row is over. end: of what may be read.
HWY_INLINE Vector load_part(const float* row, std::size_t channel, std::size_t channels, const float* end) {
  const Tag d;
  if (channel + hn::Lanes(d) <= channels) return hn::LoadU(d, row + channel);
  if (channel >= channels) return hn::Zero(d);
  if (hn::Lanes(d) <= static_cast<std::size_t>(end - (row + channel))) {
    return hn::IfThenElseZero(hn::FirstN(d, channels - channel), hn::LoadU(d, row + channel));
  }
  alignas(64) float rest[16] = {};
  std::memcpy(rest, row + channel, (channels - channel) * sizeof(float));
  return hn::Load(d, rest);
}

template <class To>
HWY_INLINE bool load_as(const ChannelRows& rows, const To& to, typename To::Number* out) {
  const Tag d;
  const std::size_t width = narrow_width(rows.channels);
  Vector zeros = hn::Zero(d);  // until a number is not finite: then 0 times it is not zero
  const float* row = rows.first;
  const float* const end = row + (rows.count - 1) * rows.stride + rows.channels;
  for (std::size_t r = 0; r < rows.count; ++r, row += rows.stride, out += width) {
    for (std::size_t c = 0; c < width; c += hn::Lanes(d)) {
      const Vector values = load_part(row, c, rows.channels, end);
      zeros = hn::MulAdd(values, hn::Zero(d), zeros);
      to.store(values, c, out + c);
    }
  }
  return hn::AllTrue(d, hn::Eq(zeros, hn::Zero(d)));
}

bool load_floats(const ChannelRows& rows, float* out) { return load_as(rows, ToFloats(), out); }
bool load_halves(const ChannelRows& rows, std::uint16_t* out) { return load_as(rows, ToHalves(), out); }
bool load_codes(const ChannelRows& rows, const CodeFactors& factors, std::uint8_t* out) {
  return load_as(rows, ToCodes{factors.low.data(), factors.inverse_step.data()}, out);
}

void softmax_of(float* gates, std::size_t count, std::size_t width, std::size_t experts, std::size_t stride) {
  const hn::CappedTag<float, 8> d;
  for (std::size_t r = 0; r < count; ++r, gates += width) {
    for (std::size_t t = 0; t < stride; t += hn::Lanes(d)) {
      auto highest = hn::Load(d, gates + t);
      for (std::size_t e = 1; e < experts; ++e)
        highest = hn::Max(highest, hn::Load(d, gates + e * stride + t));
      auto sum = hn::Zero(d);
      for (std::size_t e = 0; e < experts; ++e) {
        float* at = gates + e * stride + t;
        const auto power = hn::Exp(d, hn::Sub(hn::Load(d, at), highest));
        hn::Store(power, d, at);
        sum = hn::Add(sum, power);
      }
      const auto share = hn::Div(hn::Set(d, 1.0f), sum);
      for (std::size_t e = 0; e < experts; ++e) {
        float* at = gates + e * stride + t;
        hn::Store(hn::Mul(hn::Load(d, at), share), d, at);
      }
    }
  }
}

// One head of one row. Four vectors of channels at a time, so that an expert's weight is fetched once for all
// of them.
template <class To>
HWY_INLINE void mix_row(const Mixture& m, const float* outputs, const float* gates, const To& to,
                        typename To::Number* out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t stride = gate_stride(m.heads);
  for (std::size_t c = 0; c < m.width; c += 4 * lanes) {
    const float* from = outputs + c;
    Vector first = hn::Zero(d);
    Vector second = first;
    Vector third = first;
    Vector fourth = first;
    for (std::size_t e = 0; e < m.experts; ++e, from += m.expert_stride) {
      const Vector weight = hn::Set(d, gates[e * stride]);
      first = hn::MulAdd(weight, hn::Load(d, from), first);
      second = hn::MulAdd(weight, hn::Load(d, from + lanes), second);
      third = hn::MulAdd(weight, hn::Load(d, from + 2 * lanes), third);
      fourth = hn::MulAdd(weight, hn::Load(d, from + 3 * lanes), fourth);
    }
    to.store(first, c, out + c);
    to.store(second, c + lanes, out + c + lanes);
    to.store(third, c + 2 * lanes, out + c + 2 * lanes);
    to.store(fourth, c + 3 * lanes, out + c + 3 * lanes);
  }
}

// All heads of a row while what its experts gave lies in the first-level cache. to_of(t): what head t reads.
template <class Number, class ToOf>
HWY_INLINE void mix_as(const Mixture& m, const ToOf& to_of, Number* out) {
  for (std::size_t r = 0; r < m.rows; ++r) {
    const float* gates = m.gates + r * m.gate_width;
    for (std::size_t t = 0; t < m.heads; ++t) {
      mix_row(m, m.outputs + r * m.width, gates + t, to_of(t), out + t * m.head_stride + r * m.width);
    }
  }
}

void mix_floats(const Mixture& mixture, float* out) {
  mix_as(
      mixture, [](std::size_t /*head*/) { return ToFloats(); }, out);
}
void mix_halves(const Mixture& mixture, std::uint16_t* out) {
  mix_as(
      mixture, [](std::size_t /*head*/) { return ToHalves(); }, out);
}
void mix_codes(const Mixture& mixture, const CodeFactors* factors, std::uint8_t* out) {
  const auto to_of = [&](std::size_t head) {
    return ToCodes{factors[head].low.data(), factors[head].inverse_step.data()};
  };
  mix_as(mixture, to_of, out);
}

bool finish_head_of(const float* rows, const float* weights, std::size_t width, float bias, float* out,
                    std::size_t count) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t r = 0; r < count; ++r, rows += width) {
    Vector sum = hn::Zero(d);
    for (std::size_t c = 0; c < width; c += lanes) {
      sum = hn::MulAdd(hn::Load(d, rows + c), hn::Load(d, weights + c), sum);
    }
    out[r] = hn::GetLane(hn::SumOfLanes(d, sum)) + bias;
  }
  // Beyond this a probability is 0 or 1 in single precision, or exp overflows.
  const Vector most = hn::Set(d, 87.0f);
  Vector zeros = hn::Zero(d);  // as above
  for (std::size_t r = 0; r < count; r += lanes) {
    const Vector logits = load_part(out, r, count, out + count);
    zeros = hn::MulAdd(logits, hn::Zero(d), zeros);
    const Vector negated = hn::Min(hn::Neg(logits), most);
    const Vector one = hn::Set(d, 1.0f);
    alignas(64) float values[16];
    hn::Store(hn::Div(one, hn::Add(one, hn::Exp(d, hn::Max(negated, hn::Neg(most))))), d, values);
    std::memcpy(out + r, values, std::min(lanes, count - r) * sizeof(float));
  }
  return hn::AllTrue(d, hn::Eq(zeros, hn::Zero(d)));
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "base/check.h"

namespace winnow {

HWY_EXPORT(load_floats);
HWY_EXPORT(load_halves);
HWY_EXPORT(load_codes);
HWY_EXPORT(softmax_of);
HWY_EXPORT(mix_floats);
HWY_EXPORT(mix_halves);
HWY_EXPORT(mix_codes);
HWY_EXPORT(finish_head_of);

CodeFactors::CodeFactors(const CodeScale& scale)
    : low(narrow_width(scale.low.size()), 0.0f), inverse_step(low.size(), 0.0f) {
  std::copy(scale.low.begin(), scale.low.end(), low.begin());
  std::transform(scale.step.begin(), scale.step.end(), inverse_step.begin(),
                 [](float step) { return 1 / step; });
}

bool load_rows(const ChannelRows& rows, float* out) { return HWY_DYNAMIC_DISPATCH(load_floats)(rows, out); }

bool load_rows(const ChannelRows& rows, std::uint16_t* out) {
  return HWY_DYNAMIC_DISPATCH(load_halves)(rows, out);
}

bool load_rows(const ChannelRows& rows, const CodeFactors& factors, std::uint8_t* out) {
  WINNOW_CHECK(factors.low.size() == narrow_width(rows.channels));
  return HWY_DYNAMIC_DISPATCH(load_codes)(rows, factors, out);
}

void softmax_gates(std::span<float> gates, std::size_t width, std::size_t experts, std::size_t heads) {
  WINNOW_CHECK(experts * gate_stride(heads) <= width && gates.size() % width == 0);
  HWY_DYNAMIC_DISPATCH(softmax_of)
  (gates.data(), gates.size() / width, width, experts, gate_stride(heads));
}

void mix(const Mixture& mixture, float* out) { HWY_DYNAMIC_DISPATCH(mix_floats)(mixture, out); }

void mix(const Mixture& mixture, std::uint16_t* out) { HWY_DYNAMIC_DISPATCH(mix_halves)(mixture, out); }

void mix(const Mixture& mixture, std::span<const CodeFactors> factors, std::uint8_t* out) {
  WINNOW_CHECK(factors.size() == mixture.heads);
  HWY_DYNAMIC_DISPATCH(mix_codes)(mixture, factors.data(), out);
}

bool finish_head(const float* rows, std::span<const float> weights, float bias,
                 std::span<float> probabilities) {
  return HWY_DYNAMIC_DISPATCH(finish_head_of)(rows, weights.data(), weights.size(), bias,
                                              probabilities.data(), probabilities.size());
}

}  // namespace winnow
#endif  // HWY_ONCE
