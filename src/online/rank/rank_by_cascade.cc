#include "online/rank/rank_by_cascade.h"

#include <algorithm>
#include <optional>

#include "features/feature_rows.h"
#include "models/ranking/cascade.h"

namespace winnow {
namespace {

PastItem look(const RequestContext& context, ItemIndex item) {
  if (row(item) >= context.items->size()) return {};
  return {context.items->view(item), context.trends->activity_of(item)};
}

FeatureInputs inputs_of(const CascadeInput& in, const FeatureRows& rows) {
  const UserContext& user = in.context.user;
  const Query& query = *in.context.query;
  return {.state = user.state.get(),
          .history = user.history,
          .past = rows.past,
          .follows = user.follows,
          .profile_facts = user.profile_facts == nullptr ? 0 : user.profile_facts->size(),
          .now_ms = query.now_ms,
          .surface = query.surface,
          .has_context_item = !query.context_item.empty(),
          .items = in.candidates.items,
          .traits = rows.traits,
          .activity = rows.activity,
          .sources = in.opinions,
          .blend = in.blend};
}

// What a sale of each candidate brings.
std::vector<float> revenue_of(const CascadeInput& in, float share) {
  std::vector<float> out;
  const ItemSnapshot& items = *in.context.items;
  for (const ItemIndex item : in.candidates.items)
    out.push_back(row(item) < items.size() ? share * items.view(item).price : 0.0f);
  return out;
}

}  // namespace

double CascadeOptions::revenue_on(std::string_view surface) const {
  const auto here = surface_revenue.find(surface);
  return here == surface_revenue.end() ? revenue : here->second;
}

std::vector<float> CascadeOptions::worth_on(std::string_view surface, const Ranker& ranker) const {
  std::vector<float> out(ranker.worth().begin(), ranker.worth().end());
  const auto apply = [&](const HeadWorth& given) {
    for (std::size_t head = 0; head < out.size(); ++head) {
      const auto found = given.find(ranker.heads()[head]);
      if (found != given.end()) out[head] = static_cast<float>(found->second);
    }
  };
  apply(worth);
  const auto here = surface_worth.find(surface);
  if (here != surface_worth.end()) apply(here->second);
  return out;
}

Status rank_by_cascade(const CascadeInput& input, const Ranker& ranker, const CascadeOptions& options,
                       RequestTrace& trace, std::span<float> scores) {
  std::optional<RequestTrace::Timer> timer(std::in_place, trace, "features");
  const FeatureRows rows =
      feature_rows(input.context.user.history, std::span<const ItemIndex>(input.candidates.items),
                   [&](ItemIndex item) { return look(input.context, item); });
  const FeatureFrame frame(inputs_of(input, rows));
  timer.reset();
  const std::string& surface = input.context.query->surface;
  const std::vector<float> worth = options.worth_on(surface, ranker);
  const auto sale = std::ranges::find(ranker.heads(), options.revenue_head);
  const double revenue = sale == ranker.heads().end() ? 0 : options.revenue_on(surface);
  const std::vector<float> by_row =
      revenue == 0 ? std::vector<float>() : revenue_of(input, static_cast<float>(revenue));
  return cascade(frame, ranker, {worth, by_row, static_cast<std::size_t>(sale - ranker.heads().begin())},
                 options.full, trace, scores);
}

}  // namespace winnow
