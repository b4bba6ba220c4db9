#include "models/blend/blend.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "models/encoding.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WBLE";
constexpr std::uint32_t kFormat = 1;

}  // namespace

ScoreScale score_scale(std::span<const float> raw) {
  if (raw.empty()) return {};
  double sum = 0;
  double squares = 0;
  for (const float score : raw) {
    sum += score;
    squares += static_cast<double>(score) * score;
  }
  const auto n = static_cast<double>(raw.size());
  const double mean = sum / n;
  const double variance = squares / n - mean * mean;
  // What is left of the variance of equal scores is rounding.
  if (!(variance > 1e-12 * squares / n)) return {};
  return {static_cast<float>(mean), static_cast<float>(1 / std::sqrt(variance))};
}

void blend(const std::array<std::span<const float>, kBlendSources>& raw, const BlendWeights& weights,
           std::span<float> scores) {
  std::fill(scores.begin(), scores.end(), 0.0f);
  for (std::size_t source = 0; source < kBlendSources; ++source) {
    WINNOW_CHECK(raw[source].size() == scores.size());
    if (weights.by_source[source] == 0) continue;
    const ScoreScale scale = score_scale(raw[source]);
    const float factor = weights.by_source[source] * scale.factor;
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += factor * (raw[source][i] - scale.mean);
  }
}

std::string BlendWeights::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.array<float>(by_source);
  return out.take();
}

Result<BlendWeights> BlendWeights::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "blend"));
  const auto weights = in.array<float>();
  const bool sound =
      std::all_of(weights.begin(), weights.end(), [](float weight) { return std::isfinite(weight); });
  if (in.failed() || !in.at_end() || weights.size() != kBlendSources || !sound) return corrupt_model("blend");
  BlendWeights out;
  std::copy(weights.begin(), weights.end(), out.by_source.begin());
  return out;
}

}  // namespace winnow
