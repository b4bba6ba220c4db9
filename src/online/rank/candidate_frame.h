// CandidateFrame: the feature frame over a request's candidates, with what it views of the items.
#pragma once

#include <cstdint>
#include <span>

#include "features/feature_frame.h"
#include "features/feature_rows.h"
#include "online/rank/candidate_scores.h"
#include "stages/candidates.h"
#include "stages/request_context.h"

namespace winnow {

class CandidateFrame final {
 public:
  // All three outlive the value. described: the candidates whose features will be asked for; empty: all of
  // them. O(candidates x sources), and looking up the described ones.
  CandidateFrame(const RequestContext& context, const Candidates& candidates, const CandidateScores& scores,
                 std::span<const std::uint32_t> described = {});

  const FeatureFrame& frame() const { return frame_; }

 private:
  FeatureRows rows_;  // first: the frame views it
  FeatureFrame frame_;
};

}  // namespace winnow
