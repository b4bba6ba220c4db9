// One score from several sources' opinions of the same candidates: the weighted sum of standardised scores.
//
// Each source's raw scores live on a scale of their own, so they are standardised over the candidates of one
// request before they are weighed. The weights are learned on a validation cut (learn_blend) and travel in
// the model bundle under their sources' names; evaluation and serving call the same blend().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "math/score_scale.h"

namespace winnow {

struct BlendWeights {
  struct Entry {
    std::string source;
    float weight = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> entries = {{"als", 1.0f}, {"item_to_item", 1.0f}, {"popular", 0.2f}};

  // What a blend of these sources weighs before anything was learned.
  static BlendWeights unlearned(std::span<const std::string_view> sources);

  // 0 for a source that has no entry.
  float of(std::string_view source) const;
  // The weights alone, in the order of the entries.
  std::vector<float> values() const;

  std::string encode() const;  // docs/formats/models.md
  static Result<BlendWeights> decode(std::string_view bytes);
  friend bool operator==(const BlendWeights&, const BlendWeights&) = default;
};

// raw[s]: source s's scores of the n candidates (n floats each, finite; all zero when the source has no
// opinion), weighing weights[s]. scores: n, overwritten. O(n * sources), no allocation.
void blend(std::span<const std::span<const float>> raw, std::span<const float> weights,
           std::span<float> scores);

}  // namespace winnow
