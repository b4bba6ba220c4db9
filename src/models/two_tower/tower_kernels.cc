#include "models/two_tower/tower_kernels.h"

#include <cmath>

#include "base/check.h"

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/two_tower/tower_kernels.cc"
#include <hwy/foreach_target.h>  // must come before the others

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Of a vector's full width where there is AVX-512; widths are multiples of 16.
using Tag = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Tag>;

void normalize_of(const float* rows, std::size_t count, const float* gain, const float* bias,
                  std::size_t width, float epsilon, float* out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const float share = 1.0f / static_cast<float>(width);
  for (std::size_t r = 0; r < count; ++r, rows += width, out += width) {
    Vector sum = hn::Zero(d);
    for (std::size_t i = 0; i < width; i += lanes) sum = hn::Add(sum, hn::LoadU(d, rows + i));
    const Vector mean = hn::Mul(hn::SumOfLanes(d, sum), hn::Set(d, share));
    Vector squares = hn::Zero(d);
    for (std::size_t i = 0; i < width; i += lanes) {
      const Vector off = hn::Sub(hn::LoadU(d, rows + i), mean);
      squares = hn::MulAdd(off, off, squares);
    }
    const float variance = hn::GetLane(hn::SumOfLanes(d, squares)) * share;
    const Vector scale = hn::Set(d, 1.0f / std::sqrt(variance + epsilon));
    for (std::size_t i = 0; i < width; i += lanes) {
      const Vector off = hn::Mul(hn::Sub(hn::LoadU(d, rows + i), mean), scale);
      hn::StoreU(hn::MulAdd(off, hn::LoadU(d, gain + i), hn::LoadU(d, bias + i)), d, out + i);
    }
  }
}

// The logits of one head, then their softmax; returns one over their sum, which the values are scaled by.
float attention_weights(const float* query, const float* keys, std::size_t stride, std::size_t width,
                        const float* bias, std::size_t positions, float* weights) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const float scale = 1.0f / std::sqrt(static_cast<float>(width));
  float highest = -3.0e38f;
  for (std::size_t s = 0; s < positions; ++s) {
    Vector sum = hn::Zero(d);
    for (std::size_t i = 0; i < width; i += lanes) {
      sum = hn::MulAdd(hn::LoadU(d, query + i), hn::LoadU(d, keys + s * stride + i), sum);
    }
    weights[s] = hn::GetLane(hn::SumOfLanes(d, sum)) * scale + bias[positions - 1 - s];
    highest = std::max(highest, weights[s]);
  }
  Vector total = hn::Zero(d);
  std::size_t s = 0;
  for (; s + lanes <= positions; s += lanes) {
    const Vector weight = hn::Exp(d, hn::Sub(hn::LoadU(d, weights + s), hn::Set(d, highest)));
    total = hn::Add(total, weight);
    hn::StoreU(weight, d, weights + s);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, total));
  for (; s < positions; ++s) {
    weights[s] = std::exp(weights[s] - highest);
    sum += weights[s];
  }
  return 1.0f / sum;
}

void attend_of(const AttentionShape& shape, const float* query, const float* keys, const float* values,
               std::size_t positions, const float* bias, std::size_t bias_length, float* weights,
               float* out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t width = shape.width / shape.heads;
  for (std::size_t head = 0; head < shape.heads; ++head) {
    const std::size_t first = head * width;
    const float scale = attention_weights(query + first, keys + first, shape.key_stride, width,
                                          bias + head * bias_length, positions, weights);
    for (std::size_t i = first; i < first + width; i += lanes) {
      Vector sum = hn::Zero(d);
      for (std::size_t s = 0; s < positions; ++s) {
        sum = hn::MulAdd(hn::Set(d, weights[s]), hn::LoadU(d, values + s * shape.key_stride + i), sum);
      }
      hn::StoreU(hn::Mul(sum, hn::Set(d, scale)), d, out + i);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {
namespace {

constexpr float kEpsilon = 1e-5f;  // of layer normalisation, as in training

}  // namespace

HWY_EXPORT(normalize_of);
HWY_EXPORT(attend_of);

void normalize_rows(std::span<const float> rows, std::span<const float> gain, std::span<const float> bias,
                    std::span<float> out) {
  const std::size_t width = gain.size();
  WINNOW_CHECK(width % 16 == 0 && bias.size() == width && rows.size() % width == 0 &&
               out.size() == rows.size());
  HWY_DYNAMIC_DISPATCH(normalize_of)
  (rows.data(), rows.size() / width, gain.data(), bias.data(), width, kEpsilon, out.data());
}

void attend(const AttentionShape& shape, std::span<const float> query, const float* keys, const float* values,
            std::size_t positions, std::span<const float> bias, std::span<float> weights,
            std::span<float> out) {
  const std::size_t bias_length = bias.size() / shape.heads;
  WINNOW_CHECK(positions > 0 && positions <= bias_length && positions <= weights.size() &&
               shape.width % (16 * shape.heads) == 0 && query.size() == shape.width &&
               out.size() == shape.width);
  HWY_DYNAMIC_DISPATCH(attend_of)
  (shape, query.data(), keys, values, positions, bias.data(), bias_length, weights.data(), out.data());
}

namespace reference {

void normalize_rows(std::span<const float> rows, std::span<const float> gain, std::span<const float> bias,
                    std::span<float> out) {
  const std::size_t width = gain.size();
  for (std::size_t first = 0; first < rows.size(); first += width) {
    double mean = 0;
    for (std::size_t i = 0; i < width; ++i) mean += rows[first + i];
    mean /= static_cast<double>(width);
    double variance = 0;
    for (std::size_t i = 0; i < width; ++i) variance += (rows[first + i] - mean) * (rows[first + i] - mean);
    const double scale = 1 / std::sqrt(variance / static_cast<double>(width) + kEpsilon);
    for (std::size_t i = 0; i < width; ++i) {
      out[first + i] = static_cast<float>((rows[first + i] - mean) * scale * gain[i] + bias[i]);
    }
  }
}

void attend(const AttentionShape& shape, std::span<const float> query, const float* keys, const float* values,
            std::size_t positions, std::span<const float> bias, std::span<float> weights,
            std::span<float> out) {
  const std::size_t width = shape.width / shape.heads;
  const std::size_t bias_length = bias.size() / shape.heads;
  for (std::size_t head = 0; head < shape.heads; ++head) {
    double total = 0;
    for (std::size_t s = 0; s < positions; ++s) {
      double logit = 0;
      for (std::size_t i = head * width; i < (head + 1) * width; ++i) {
        logit += static_cast<double>(query[i]) * keys[s * shape.key_stride + i];
      }
      logit = logit / std::sqrt(static_cast<double>(width)) + bias[head * bias_length + positions - 1 - s];
      weights[s] = static_cast<float>(std::exp(logit));
      total += weights[s];
    }
    for (std::size_t i = head * width; i < (head + 1) * width; ++i) {
      double sum = 0;
      for (std::size_t s = 0; s < positions; ++s) {
        sum += static_cast<double>(weights[s]) * values[s * shape.key_stride + i];
      }
      out[i] = static_cast<float>(sum / total);
    }
  }
}

}  // namespace reference
}  // namespace winnow
#endif  // HWY_ONCE
