// The cascade of rankers: the light one sees all candidates, the full one the best of those.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "features/feature_frame.h"
#include "models/ranking/ranker.h"
#include "telemetry/request_trace.h"

namespace winnow {

// The field of an error tells which ranker failed.
inline constexpr std::string_view kLightRanker = "light";
inline constexpr std::string_view kFullRanker = "full";

// Replaces scores, one a row of the frame, which hold what is to be sorted by where there is no light ranker:
// what the full ranker sees gets its worth, standardised, and stands before all others. full: how many it
// sees, up to a quarter of them for their revenue where that counts. invalid when a prediction, or what it is
// worth, is not finite; scores are then as they were. The trace gets the stages "light" and "full". O(rows x
// weights).
Status cascade(const FeatureFrame& frame, const Ranker& ranker, const OutcomeWorth& worth, std::size_t full,
               RequestTrace& trace, std::span<float> scores);

}  // namespace winnow
