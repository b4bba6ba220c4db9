#include "models/item_to_item/kept_neighbours.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace winnow {

namespace {

// Brings the `count` of the largest magnitude to the front and returns how many they are.
std::size_t strongest_first(std::span<ScoredRow> list, std::size_t count) {
  if (list.size() <= count) return list.size();
  std::nth_element(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count), list.end(),
                   [](const ScoredRow& a, const ScoredRow& b) {
                     return ranks_before({a.item, std::abs(a.score)}, {b.item, std::abs(b.score)});
                   });
  return count;
}

}  // namespace

void KeptNeighbours::add(std::vector<ScoredRow> neighbours, std::uint32_t keep) {
  neighbours.resize(strongest_first(neighbours, keep));
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
  std::uint64_t end = 0;
  for (std::size_t item = 0; item < items; ++item) {
    const std::span<ScoredRow> all = std::span(lists).subspan(starts[item], starts[item + 1] - starts[item]);
    const std::span<ScoredRow> list = all.first(strongest_first(all, kMostKeepers));
    std::sort(list.begin(), list.end(), RanksBefore());
    std::move(list.begin(), list.end(), lists.begin() + static_cast<std::ptrdiff_t>(end));
    starts[item] = end;
    end += list.size();
  }
  starts[items] = end;
  lists.resize(end);
  return ItemToItemModel(options, std::move(starts), lists);
}

}  // namespace winnow
