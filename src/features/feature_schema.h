// The features of rankers: each defined once, by name, with what it means and the code that computes it.
//
// Training and serving read this one list. A model names the features that it was trained on, so a list that
// has grown or changed its order still serves older models, and one that lacks a feature refuses them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "features/feature_frame.h"

namespace winnow {

// What a feature describes.
enum class FeatureSubject : std::uint8_t { user, item, pair, context, source };

// How soon what has happened shows in a feature.
enum class Freshness : std::uint8_t {
  real_time,       // within the request: its own session events count
  near_real_time,  // within a second or so, through the stream
  batch,           // with the next training
  fixed,           // with the next change of the catalogue or profile
};

std::string_view name_of(FeatureSubject subject);
std::string_view name_of(Freshness freshness);

struct FeatureDefinition {
  // Writes the feature of some rows of the frame; NaN where nothing is known. `place` tells the parts of an
  // encoding apart.
  using Compute = void (*)(const FeatureFrame& frame, std::size_t place, std::span<const std::uint32_t> rows,
                           std::span<float> column);

  std::string name;  // "item.age_years"
  FeatureSubject subject = FeatureSubject::item;
  Freshness freshness = Freshness::near_real_time;
  float fallback = 0;  // stands for what is not known
  bool core = false;   // read by the light ranker, which sees all candidates
  std::string meaning;
  Compute compute = nullptr;
  std::size_t place = 0;
};

// All of them: first those of the request, then those of its candidates. With each change of the list, what
// was logged before it counts as not logged: its features are worked out again from the event log.
const std::vector<FeatureDefinition>& feature_definitions();

// Numbers of features in feature_definitions(), in the order of the columns of a matrix.
using FeatureList = std::vector<std::uint32_t>;

FeatureList all_features();
FeatureList core_features();
std::vector<std::string> names_of(const FeatureList& features);
// How many of them, from the first one on, are the same for all candidates of a request.
std::size_t common_features(const FeatureList& features);
// unsupported, and names the first that is unknown: the model comes from another release.
Result<FeatureList> features_named(std::span<const std::string> names);

// The features of some rows of the frame: out is rows.size() x features, row-major, finite. The common ones
// are worked out once. Thread-safe, O(rows x features); allocates as much as it writes.
void compute_features(const FeatureFrame& frame, const FeatureList& features,
                      std::span<const std::uint32_t> rows, std::span<float> out);

}  // namespace winnow
