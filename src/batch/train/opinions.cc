#include "batch/train/opinions.h"

#include <algorithm>

namespace winnow {

std::vector<HistoryEntry> history_of(const Interactions& known, std::uint32_t user) {
  std::vector<HistoryEntry> history;
  for (std::size_t i = known.offsets[user]; i < known.offsets[user + 1]; ++i) {
    history.push_back({known.item[i], known.weight[i], known.time_ms[i]});
  }
  return history;
}

Opinions::Opinions(const AlsModel& als, const ItemToItemModel& item_to_item,
                   const PopularityModel& popularity)
    : als_(als),
      item_to_item_(item_to_item),
      popularity_(popularity),
      als_scores_(als.items()),
      neighbour_scores_(item_to_item.items()) {}

std::array<std::span<const float>, kBlendSources> Opinions::about(std::span<const HistoryEntry> history) {
  als_.score_all(als_.fold_in(history), als_scores_);
  std::fill(neighbour_scores_.begin(), neighbour_scores_.end(), 0.0f);
  item_to_item_.score_all(history, neighbour_scores_);
  std::array<std::span<const float>, kBlendSources> by_source;
  by_source[static_cast<std::size_t>(BlendSource::als)] = als_scores_;
  by_source[static_cast<std::size_t>(BlendSource::item_to_item)] = neighbour_scores_;
  by_source[static_cast<std::size_t>(BlendSource::popular)] = popularity_.scores();
  return by_source;
}

}  // namespace winnow
