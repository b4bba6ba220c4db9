#include "features/feature_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/check.h"
#include "features/feature_definitions.h"
#include "math/aligned.h"
#include "math/transpose.h"

namespace winnow {

namespace {

// By its bits, which compilers test many at a time.
bool is_finite(float value) {
  constexpr std::uint32_t kExponent = 0x7F800000u;
  return (std::bit_cast<std::uint32_t>(value) & kExponent) != kExponent;
}

void compute_feature(const FeatureFrame& frame, std::uint32_t feature, std::span<const std::uint32_t> rows,
                     std::span<float> column) {
  const FeatureDefinition& definition = feature_definitions()[feature];
  definition.compute(frame, definition.place, rows, column);
  const float fallback = definition.fallback;
  for (float& value : column) value = is_finite(value) ? value : fallback;
}

}  // namespace

std::string_view name_of(FeatureSubject subject) {
  constexpr std::array<std::string_view, 5> kNames = {"user", "item", "pair", "context", "source"};
  return kNames[static_cast<std::size_t>(subject)];
}

std::string_view name_of(Freshness freshness) {
  constexpr std::array<std::string_view, 4> kNames = {"real-time", "near-real-time", "batch", "static"};
  return kNames[static_cast<std::size_t>(freshness)];
}

const std::vector<FeatureDefinition>& feature_definitions() {
  static const std::vector<FeatureDefinition> kDefinitions = make_feature_definitions();
  return kDefinitions;
}

FeatureList all_features() {
  FeatureList out(feature_definitions().size());
  std::iota(out.begin(), out.end(), 0u);
  return out;
}

FeatureList core_features() {
  FeatureList out = all_features();
  std::erase_if(out, [](std::uint32_t feature) { return !feature_definitions()[feature].core; });
  return out;
}

std::vector<std::string> names_of(const FeatureList& features) {
  std::vector<std::string> out;
  out.reserve(features.size());
  for (const std::uint32_t feature : features) out.push_back(feature_definitions()[feature].name);
  return out;
}

std::size_t common_features(const FeatureList& features) {
  const auto own = std::ranges::find_if(features, [](std::uint32_t feature) {
    const FeatureSubject subject = feature_definitions()[feature].subject;
    return subject != FeatureSubject::user && subject != FeatureSubject::context;
  });
  return static_cast<std::size_t>(own - features.begin());
}

Result<FeatureList> features_named(std::span<const std::string> names) {
  FeatureList out;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(feature_definitions(), name, &FeatureDefinition::name);
    if (found == feature_definitions().end()) {
      return Error{ErrorCode::unsupported,
                   fmt::format("this release does not know the feature '{}': train the model again", name)};
    }
    out.push_back(static_cast<std::uint32_t>(found - feature_definitions().begin()));
  }
  return out;
}

void compute_features(const FeatureFrame& frame, const FeatureList& features,
                      std::span<const std::uint32_t> rows, std::span<float> out) {
  WINNOW_CHECK(out.size() == rows.size() * features.size());
  if (out.empty()) return;
  const std::size_t common = common_features(features);
  const std::size_t width = features.size();
  // The first row speaks for all.
  for (std::size_t k = 0; k < common; ++k)
    compute_feature(frame, features[k], rows.first(1), out.subspan(k, 1));
  for (std::size_t r = 1; r < rows.size(); ++r) std::copy_n(out.begin(), common, &out[r * width]);
  if (common == width) return;
  AlignedFloats columns(rows.size() * (width - common));
  for (std::size_t k = common; k < width; ++k) {
    const auto column = std::span(columns).subspan((k - common) * rows.size(), rows.size());
    compute_feature(frame, features[k], rows, column);
  }
  transpose(columns, rows.size(), out.subspan(common), width);
}

}  // namespace winnow
