// rank: one score per candidate from all sources' opinions, by the blend that the bundle's weights define.
#pragma once

#include <map>
#include <string>

#include "models/blend/blend.h"
#include "online/retrieve/retrieve.h"
#include "stages/candidates.h"

namespace winnow {

struct RankOptions {
  BlendWeights weights;  // used when no bundle is live
  // Sources without a learned weight add boost x (their score / their best score among the candidates).
  std::map<std::string, double, std::less<>> boosts = {{"category", 0.1},      {"country", 0.05},
                                                       {"trending", 0.1},      {"new", 0.0},
                                                       {"subscriptions", 0.3}, {"content", 0.3}};
};

// The best `wanted` come sorted. O(candidates x sources + wanted log wanted). A score that is not finite
// counts as 0.
Ranked rank(const Candidates& candidates, Opinions opinions, const ServingModel& model,
            const PreparedSources& sources, std::size_t wanted, const RankOptions& options);

}  // namespace winnow
