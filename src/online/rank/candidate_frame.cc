#include "online/rank/candidate_frame.h"

namespace winnow {
namespace {

// Traits were read by the filter just before; what happens with an item lies elsewhere.
class LiveItems final {
 public:
  explicit LiveItems(const RequestContext& context) : items_(*context.items), trends_(*context.trends) {}

  PastItem operator()(ItemIndex item) const {
    if (row(item) >= items_.size()) return {};
    return {items_.attributes(item), trends_.activity_of(item)};
  }
  void prefetch(ItemIndex item) const { trends_.prefetch_activity(item); }

 private:
  const ItemSnapshot& items_;
  const Trends& trends_;
};

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
    : rows_(feature_rows(context.user.history, std::span<const ItemIndex>(candidates.items),
                         LiveItems(context), described)),
      frame_(inputs_of(context, candidates, scores, rows_, described)) {}

}  // namespace winnow
