#include "online/similar.h"

#include <algorithm>
#include <unordered_set>

#include "models/item_to_item/stream_similarity.h"

namespace winnow {

namespace {

bool better(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
}

}  // namespace

std::vector<ScoredItem> similar_items(ItemIndex item, const ServingModel& model, const CoOccurrence& stream) {
  const Vocabulary& vocabulary = model.vocabulary();
  const std::uint32_t model_row = vocabulary.model_row(item);
  const bool is_known = model.bundle() != nullptr && model_row != Vocabulary::kNoRow;
  std::vector<ScoredItem> found;
  if (is_known) {
    for (const ScoredRow& neighbour : model.bundle()->models.item_to_item.neighbours(model_row)) {
      const ItemIndex other = vocabulary.item(neighbour.item);
      if (other != kNoItem && other != item) found.push_back({other, neighbour.score});
    }
  }
  std::unordered_set<std::uint32_t> trained;
  for (const ScoredItem& neighbour : found) trained.insert(row(neighbour.item));

  const ItemToItemOptions options =
      model.bundle() != nullptr ? model.bundle()->models.item_to_item.options() : ItemToItemOptions{};
  std::vector<ScoredItem> others;
  for (const ScoredItem& other : stream.reader().similar(item, stream_scale(options))) {
    if (trained.contains(row(other.item))) continue;
    const bool only_stream_can_know = !is_known || vocabulary.model_row(other.item) == Vocabulary::kNoRow;
    (only_stream_can_know ? found : others).push_back(other);
  }
  std::ranges::sort(found, better);
  std::ranges::sort(others, better);
  for (ScoredItem& other : others) {
    if (!found.empty()) other.score = std::min(other.score, found.back().score);
    found.push_back(other);
  }
  return found;
}

}  // namespace winnow
