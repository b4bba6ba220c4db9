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

void blend(const std::array<std::span<const float>, kBlendSources>& raw, const BlendWeights& weights,
           std::span<float> scores) {
  std::fill(scores.begin(), scores.end(), 0.0f);
  const auto n = static_cast<double>(scores.size());
  for (std::size_t source = 0; source < kBlendSources; ++source) {
    WINNOW_CHECK(raw[source].size() == scores.size());
    if (weights.by_source[source] == 0) continue;
    double sum = 0;
    double squares = 0;
    for (const float score : raw[source]) {
      sum += score;
      squares += static_cast<double>(score) * score;
    }
    const double mean = sum / n;
    const double variance = squares / n - mean * mean;
    // A source that scores all candidates alike has no opinion; what is left of its variance is rounding.
    if (!(variance > 1e-12 * squares / n)) continue;
    const auto scale = static_cast<float>(weights.by_source[source] / std::sqrt(variance));
    const auto shift = static_cast<float>(mean);
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += scale * (raw[source][i] - shift);
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
