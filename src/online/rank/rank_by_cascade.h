// rank_by_cascade: the ranker's scores of a request's candidates. The light ranker sees all of them, the full
// one the best of those, and what an outcome is worth on the surface makes one number of its predictions.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/item_table.h"
#include "features/feature_frame.h"
#include "models/ranking/ranker.h"
#include "telemetry/request_trace.h"

namespace winnow {

// Head -> what its outcome is worth.
using HeadWorth = std::map<std::string, double, std::less<>>;

struct CascadeOptions {
  std::size_t full = 100;  // candidates that the full ranker sees; 0: no ranker, the blend's order stands
  HeadWorth worth;         // what differs from the bundle's own
  std::map<std::string, HeadWorth, std::less<>> surface_worth;  // and what differs from that on a surface

  // An item counts `revenue` x the probability of `revenue_head` x its price more; rankers that do not
  // predict that outcome go without.
  double revenue = 0;
  std::string revenue_head = "purchase";
  std::map<std::string, double, std::less<>> surface_revenue;

  double revenue_on(std::string_view surface) const;
  std::vector<float> worth_on(std::string_view surface, const Ranker& ranker) const;
};

struct CascadeInput {
  const FeatureFrame& frame;  // of all candidates
  const ItemSnapshot& items;
};

// Replaces scores, which hold the blend's, by the cascade's (models/ranking/cascade.h).
Status rank_by_cascade(const CascadeInput& input, const Ranker& ranker, const CascadeOptions& options,
                       RequestTrace& trace, std::span<float> scores);

}  // namespace winnow
