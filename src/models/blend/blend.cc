#include "models/blend/blend.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "models/encoding.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WBLE";
constexpr std::uint32_t kFormat = 2;  // 1 held three nameless weights

}  // namespace

void blend(std::span<const std::span<const float>> raw, std::span<const float> weights,
           std::span<float> scores) {
  WINNOW_CHECK(raw.size() == weights.size());
  std::fill(scores.begin(), scores.end(), 0.0f);
  for (std::size_t source = 0; source < raw.size(); ++source) {
    WINNOW_CHECK(raw[source].size() == scores.size());
    if (weights[source] == 0) continue;
    const ScoreScale scale = score_scale(raw[source]);
    const float factor = weights[source] * scale.factor;
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += factor * (raw[source][i] - scale.mean);
  }
}

BlendWeights BlendWeights::unlearned(std::span<const std::string_view> sources) {
  constexpr float kUnknown = 0.5f;
  const BlendWeights known;
  BlendWeights out;
  out.entries.clear();
  for (const std::string_view source : sources) {
    const float weight = known.of(source);
    out.entries.push_back({std::string(source), weight > 0 ? weight : kUnknown});
  }
  return out;
}

float BlendWeights::of(std::string_view source) const {
  const auto found = std::ranges::find(entries, source, &Entry::source);
  return found == entries.end() ? 0.0f : found->weight;
}

std::vector<float> BlendWeights::values() const {
  std::vector<float> out(entries.size());
  std::ranges::transform(entries, out.begin(), &Entry::weight);
  return out;
}

std::string BlendWeights::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.varint(entries.size());
  for (const Entry& entry : entries) {
    out.string(entry.source);
    out.fixed(entry.weight);
  }
  return out.take();
}

Result<BlendWeights> BlendWeights::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "blend"));
  BlendWeights out;
  out.entries.clear();
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    Entry entry{std::string(in.string()), in.fixed<float>()};
    if (!std::isfinite(entry.weight) || entry.source.empty()) return corrupt_model("blend");
    out.entries.push_back(std::move(entry));
  }
  if (in.failed() || !in.at_end()) return corrupt_model("blend");
  return out;
}

}  // namespace winnow
