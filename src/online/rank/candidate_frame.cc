#include "online/rank/candidate_frame.h"

namespace winnow {
namespace {

PastItem look(const RequestContext& context, ItemIndex item) {
  if (row(item) >= context.items->size()) return {};
  return {context.items->attributes(item), context.trends->activity_of(item)};
}

// Candidates lie all over the catalogue: what is read of them is fetched for all before any is looked at.
FeatureRows look_at_all(const RequestContext& context, std::span<const ItemIndex> items,
                        std::span<const std::uint32_t> described) {
  for (const ItemIndex item : items) context.trends->prefetch(item);
  return feature_rows(
      context.user.history, items, [&](ItemIndex item) { return look(context, item); }, described);
}

FeatureInputs inputs_of(const RequestContext& context, const Candidates& candidates,
                        const CandidateScores& scores, const FeatureRows& rows,
                        std::span<const std::uint32_t> described) {
  const UserContext& user = context.user;
  const Query& query = *context.query;
  return {.state = user.state.get(),
          .history = user.history,
          .past = rows.past,
          .follows = user.follows,
          .profile_facts = user.profile_facts == nullptr ? 0 : user.profile_facts->size(),
          .now_ms = query.now_ms,
          .surface = query.surface,
          .has_context_item = !query.context_item.empty(),
          .items = candidates.items,
          .traits = rows.traits,
          .activity = rows.activity,
          .sources = scores.sources,
          .blend = scores.blend,
          .described = described};
}

}  // namespace

CandidateFrame::CandidateFrame(const RequestContext& context, const Candidates& candidates,
                               const CandidateScores& scores, std::span<const std::uint32_t> described)
    : rows_(look_at_all(context, candidates.items, described)),
      frame_(inputs_of(context, candidates, scores, rows_, described)) {}

}  // namespace winnow
