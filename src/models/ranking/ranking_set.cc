#include "models/ranking/ranking_set.h"

#include <algorithm>
#include <cmath>

namespace winnow {

Status RankingSet::check() const {
  const auto wrong = [](std::string what) { return Error{ErrorCode::invalid, "the ranking set: " + what}; };
  if (values.size() != rows() * features.size()) return wrong("values are not rows x features");
  if (labels.size() != rows() * heads.size()) return wrong("labels are not rows x heads");
  if (groups.empty() || groups.front() != 0 || groups.back() != rows() || !std::ranges::is_sorted(groups))
    return wrong("groups do not divide the rows");
  if (time_ms.size() != group_count()) return wrong("time_ms is not one a group");
  if (std::ranges::any_of(values, [](float v) { return std::isinf(v); })) return wrong("a value is infinite");
  if (std::ranges::any_of(labels, [](float v) { return v < 0 || v > 1; }))
    return wrong("a label is not in [0, 1]");
  if (!std::ranges::all_of(weights, [](float v) { return v > 0 && std::isfinite(v); }))
    return wrong("a weight is not above 0");
  if (!(negatives_kept > 0 && negatives_kept <= 1)) return wrong("negatives_kept is not in (0, 1]");
  return {};
}

std::vector<float> weights_of_all_rows(const RankingSet& set) {
  std::vector<float> out = set.weights;
  const auto others = static_cast<float>(1 / set.negatives_kept);
  for (std::size_t r = 0; r < out.size(); ++r) {
    if (std::ranges::none_of(set.labels_of(r), [](float label) { return label > 0; })) out[r] *= others;
  }
  return out;
}

std::size_t head_or_first(const RankingSet& set, std::string_view name) {
  const auto found = std::ranges::find(set.heads, name);
  return found == set.heads.end() ? 0 : static_cast<std::size_t>(found - set.heads.begin());
}

std::size_t groups_with_outcome(const RankingSet& set, std::size_t head) {
  std::size_t out = 0;
  for (std::size_t g = 0; g < set.group_count(); ++g) {
    bool any = false;
    for (std::size_t r = set.groups[g]; r < set.groups[g + 1]; ++r) any = any || set.labels_of(r)[head] > 0;
    out += any ? 1 : 0;
  }
  return out;
}

}  // namespace winnow
