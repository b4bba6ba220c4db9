// rank_by_cascade: the ranker's scores of a request's candidates. The light ranker sees all of them, the full
// one the best of those, and what an outcome is worth on the surface makes one number of its predictions.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "features/feature_frame.h"
#include "models/ranking/ranker.h"
#include "telemetry/request_trace.h"

namespace winnow {

// Head -> what its outcome is worth.
using HeadWorth = std::map<std::string, double, std::less<>>;

struct CascadeOptions {
  std::size_t full = 100;  // candidates that the full ranker sees; 0: no ranker, the blend's order stands
  HeadWorth worth;         // what differs from the bundle's own
  std::map<std::string, HeadWorth, std::less<>> surface_worth;  // and what differs from that on a surface

  std::vector<float> worth_on(std::string_view surface, const Ranker& ranker) const;
};

// Replaces scores, which hold the blend's, by the cascade's (models/ranking/cascade.h). frame: of all
// candidates.
Status rank_by_cascade(const FeatureFrame& frame, const Ranker& ranker, const CascadeOptions& options,
                       RequestTrace& trace, std::span<float> scores);

}  // namespace winnow
