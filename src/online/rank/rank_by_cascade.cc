#include "online/rank/rank_by_cascade.h"

#include "models/ranking/cascade.h"

namespace winnow {

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

Status rank_by_cascade(const FeatureFrame& frame, const Ranker& ranker, const CascadeOptions& options,
                       RequestTrace& trace, std::span<float> scores) {
  return cascade(frame, ranker, options.worth_on(frame.in.surface, ranker), options.full, trace, scores);
}

}  // namespace winnow
