#include "online/impressions/impression_recorder.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace winnow {

ImpressionRecorder::ImpressionRecorder(ImpressionLog* log, double share) : log_(log), share_(share) {}

bool ImpressionRecorder::wants(const RequestScope& scope, std::string_view recommendation_id) const {
  const Query& query = scope.query;
  if (log_ == nullptr || share_ <= 0 || scope.context.user.defaulted) return false;
  if (query.user_id.empty() && query.session_id.empty()) return false;
  return share_ >= 1 || static_cast<double>(hash64(recommendation_id) >> 11) * 0x1.0p-53 < share_;
}

void ImpressionRecorder::offer(const RequestScope& scope, const Candidates& candidates,
                               const Ranking& ranking, std::span<const Placement> placements,
                               const Response& response, RequestTrace& trace) const {
  if (placements.empty() || !wants(scope, response.recommendation_id)) return;
  const auto timer = trace.stage("impression");
  const RequestContext& context = scope.context;
  ServedImpression impression{.recommendation_id = response.recommendation_id,
                              .subject = subject_of(scope.query.user_id, scope.query.session_id),
                              .surface = scope.query.surface,
                              .model_version = response.model_version,
                              .time_ms = scope.query.now_ms,
                              .state_position = context.state_position,
                              .items_position = context.trends->position,
                              .schema = schema_,
                              .items = {},
                              .features = {}};
  std::vector<std::uint32_t> rows;
  rows.reserve(placements.size());
  impression.items.reserve(placements.size());
  for (const Placement& placement : placements) {
    const Ranked::Entry& entry = ranking.ranked.entries[placement.entry];
    rows.push_back(entry.candidate);
    impression.items.push_back(
        {.item = entry.item, .place = static_cast<std::uint16_t>(rows.size()), .sources = entry.proposed_by});
  }
  impression.features.resize(rows.size() * features_.size());
  std::optional<CandidateFrame> own;  // where no ranker has asked for one
  if (!ranking.frame) own.emplace(context, candidates, ranking.scores, rows);
  const FeatureFrame& frame = own ? own->frame() : ranking.frame->frame();
  compute_features(frame, features_, rows, impression.features);
  log_->offer(std::move(impression));
}

}  // namespace winnow
