#include "models/item_to_item/kept_neighbours.h"

#include <algorithm>
#include <cmath>

namespace winnow {

void KeptNeighbours::add(std::vector<ScoredRow> neighbours, std::uint32_t keep) {
  if (neighbours.size() > keep) {
    std::nth_element(neighbours.begin(), neighbours.begin() + keep - 1, neighbours.end(),
                     [](const ScoredRow& a, const ScoredRow& b) {
                       return ranks_before({a.item, std::abs(a.score)}, {b.item, std::abs(b.score)});
                     });
    neighbours.resize(keep);
  }
  kept_.insert(kept_.end(), neighbours.begin(), neighbours.end());
  offsets_.push_back(kept_.size());
}

ItemToItemModel KeptNeighbours::model(const ItemToItemOptions& options, std::uint32_t items) && {
  offsets_.resize(std::size_t{items} + 1, kept_.size());
  std::vector<std::uint64_t> starts(std::size_t{items} + 1);
  for (const ScoredRow& neighbour : kept_) ++starts[neighbour.item + 1];
  for (std::size_t item = 0; item < items; ++item) starts[item + 1] += starts[item];
  std::vector<ScoredRow> lists(kept_.size());
  std::vector<std::uint64_t> next(starts.begin(), starts.end() - 1);
  for (std::uint32_t item = 0; item < items; ++item) {
    for (std::uint64_t at = offsets_[item]; at < offsets_[item + 1]; ++at) {
      lists[next[kept_[at].item]++] = {item, kept_[at].score};
    }
  }
  for (std::size_t item = 0; item < items; ++item) {
    std::sort(lists.begin() + static_cast<std::ptrdiff_t>(starts[item]),
              lists.begin() + static_cast<std::ptrdiff_t>(starts[item + 1]), RanksBefore());
  }
  return ItemToItemModel(options, std::move(starts), std::move(lists));
}

}  // namespace winnow
