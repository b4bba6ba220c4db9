// rank: one score per candidate: by the bundle's ranker (rank_by_cascade.h) where it has one, else from all
// sources' opinions by the blend that its weights define.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "models/blend/blend.h"
#include "online/rank/candidate_frame.h"
#include "online/rank/candidate_scores.h"
#include "online/rank/rank_by_cascade.h"
#include "online/retrieve/retrieve.h"
#include "stages/candidates.h"
#include "telemetry/request_trace.h"

namespace winnow {

struct RankOptions {
  BlendWeights weights;  // used when no bundle is live
  // Sources without a learned weight add boost x (their score / their best score among the candidates).
  std::map<std::string, double, std::less<>> boosts = {{"category", 0.1},      {"country", 0.05},
                                                       {"trending", 0.1},      {"new", 0.0},
                                                       {"subscriptions", 0.3}, {"content", 0.3}};
  double rising_boost = 0.1;  // see rising.h
  CascadeOptions cascade;
};

// The order, and what it came of.
struct Ranking {
  Ranked ranked;
  CandidateScores scores;
  std::optional<CandidateFrame> frame;  // of all candidates, where a ranker read it; views `scores`
};

// The best `wanted` come sorted. O(candidates x sources + wanted log wanted), and what the ranker takes. A
// ranker whose predictions are not finite is reported to the model (ServingModel::trip), and the blend's
// order stands. scope and candidates outlive the result.
Ranking rank(const RequestScope& scope, const Candidates& candidates, Opinions opinions,
             const PreparedSources& sources, const RankOptions& options, RequestTrace& trace);

}  // namespace winnow
