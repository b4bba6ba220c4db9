#include "online/rank/rank_by_cascade.h"

#include <algorithm>

#include "models/ranking/cascade.h"

namespace winnow {

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
  const FeatureInputs& in = input.frame.in;
  const std::vector<float> worth = options.worth_on(in.surface, ranker);
  const auto sale = std::ranges::find(ranker.heads(), options.revenue_head);
  const auto revenue = static_cast<float>(options.revenue_on(in.surface));
  OutcomeWorth counted{worth};
  std::vector<float> sales;
  if (revenue > 0 && sale != ranker.heads().end()) {
    for (const ItemIndex item : in.items)
      sales.push_back(row(item) < input.items.size() ? revenue * input.items.price(item) : 0.0f);
    counted.revenue = sales;
    counted.sale = static_cast<std::size_t>(sale - ranker.heads().begin());
  }
  return cascade(input.frame, ranker, counted, options.full, trace, scores);
}

}  // namespace winnow
