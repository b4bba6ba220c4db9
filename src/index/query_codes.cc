#include "index/query_codes.h"

#include <algorithm>
#include <cmath>

#include "math/aligned.h"

namespace winnow {

namespace {

float sum_of(std::span<const std::int8_t> bytes) {
  int sum = 0;
  for (const std::int8_t byte : bytes) sum += byte;
  return static_cast<float>(sum);
}

}  // namespace

QueryCodes::QueryCodes(const IvfParts& parts, std::span<const float> query) : centroid_bytes_(query.size()) {
  AlignedFloats rotated(query.begin(), query.end());
  parts.quantizer.rotation().apply(rotated);
  const float centroid_scale = Quantizer::quantise_query(rotated, CodeWidth::int8, centroid_bytes_.data());
  float code_scale = centroid_scale;
  const Quantizer::Parameters& codes = parts.quantizer.parameters();
  if (codes.width != CodeWidth::int8) {
    code_bytes_.resize(query.size());
    code_scale = Quantizer::quantise_query(rotated, codes.width, code_bytes_.data());
  }
  if (centroid_scale == 0 || code_scale == 0 || codes.scale == 0 || parts.centroid_scale == 0) return;

  const std::span<const std::int8_t> asked(for_codes(), query.size());
  float square = 0;
  float lost = 0;  // squared length of what rounding took from the query
  for (std::size_t d = 0; d < rotated.size(); ++d) {
    square += rotated[d] * rotated[d];
    mean_product_ += rotated[d] * codes.mean[d];
    const float rest = rotated[d] - static_cast<float>(asked[d]) / code_scale;
    lost += rest * rest;
  }
  length_ = std::sqrt(square);
  centroid_zero_ = 128 * sum_of(centroid_bytes_);
  centroid_unit_ = 1 / (centroid_scale * parts.centroid_scale);
  code_zero_ = parts.quantizer.zero() * sum_of(asked);
  code_unit_ = 1 / (code_scale * codes.scale);
  // After the rotation both errors are as good as random in direction.
  code_error_ = std::sqrt(square * codes.error * codes.error + lost * codes.deviation * codes.deviation);
}

std::int32_t QueryCodes::code_steps(float difference) const {
  if (!has_direction()) return 0;
  // In this order, so that what overflowed counts as most.
  constexpr float kMost = 1e9f;
  return static_cast<std::int32_t>(std::max(-kMost, std::min(kMost, std::ceil(difference / code_unit_))));
}

}  // namespace winnow
