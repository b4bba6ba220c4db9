// CandidateScores: what each source thinks of each candidate of a request, and the blend of that.
#pragma once

#include <vector>

#include "features/feature_frame.h"
#include "models/blend/blend.h"
#include "online/retrieve/retrieve.h"
#include "stages/candidates.h"

namespace winnow {

// Moves without its views changing.
struct CandidateScores {
  std::vector<SourceOpinion> sources;  // in the model's order; of the candidates, in theirs
  std::vector<float> blend;            // by the weights; of the candidates
  std::vector<float> values;           // what `sources` views
};

// A source with a weight scores every candidate; of the others the opinions count that they proposed with.
// Finite; 0 for a source that is missing. O(candidates x sources).
CandidateScores score_candidates(const RequestScope& scope, const Candidates& candidates,
                                 const Opinions& opinions, const PreparedSources& sources,
                                 const BlendWeights& weights);

}  // namespace winnow
