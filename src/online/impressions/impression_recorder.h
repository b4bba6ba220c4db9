// ImpressionRecorder: what an answer showed goes to the impression log, with the very features that it was
// chosen by.
//
// Left out are answers that nothing can be learned from: to nobody (without user and session no outcome finds
// them), of a user whose features could not be read, and without a ranked item. Items from the catalogue that
// fill up an answer have no features, and only their places stand between the others.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "domain/query.h"
#include "events/impression_log.h"
#include "features/feature_schema.h"
#include "online/rank/rank.h"
#include "online/respond/compose.h"
#include "online/retrieve/retrieve.h"
#include "telemetry/request_trace.h"

namespace winnow {

class ImpressionRecorder final {
 public:
  // log: null where nothing is logged; outlives the recorder. share: of the answers, in [0, 1], chosen by a
  // hash of their ids.
  ImpressionRecorder(ImpressionLog* log, double share);

  // Never waits and never fails: what the log has no room for is dropped and counted there. placements: what
  // is shown of the ranking, from the first place on. O(candidates x sources) without a frame, and
  // O(placements x features). Thread-safe.
  void offer(const RequestScope& scope, const Candidates& candidates, const Ranking& ranking,
             std::span<const Placement> placements, const Response& response, RequestTrace& trace) const;

 private:
  bool wants(const RequestScope& scope, std::string_view recommendation_id) const;

  ImpressionLog* const log_;
  const double share_;
  const FeatureList features_ = all_features();
  const std::uint64_t schema_ = schema_fingerprint(names_of(features_));
};

}  // namespace winnow
