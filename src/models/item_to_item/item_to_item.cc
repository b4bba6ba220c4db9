#include "models/item_to_item/item_to_item.h"

#include <algorithm>
#include <cmath>

#include "models/encoding.h"
#include "models/history_decay.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WI2I";
constexpr std::uint32_t kFormat = 2;

}  // namespace

ItemToItemModel::ItemToItemModel(ItemToItemOptions options, std::vector<std::uint64_t> offsets,
                                 const std::vector<ScoredRow>& neighbours)
    : options_(options), offsets_(std::move(offsets)), neighbours_(neighbours.begin(), neighbours.end()) {
  WINNOW_CHECK(!offsets_.empty() && offsets_.back() == neighbours_.size());
}

std::vector<float> ItemToItemModel::entry_weights(std::span<const HistoryEntry> history) const {
  return decayed_weights(history, options_.history_half_life_days);
}

void ItemToItemModel::add_scores(std::span<const HistoryEntry> history, std::span<float> scores) const {
  WINNOW_CHECK(scores.size() == items());
  const std::vector<float> weights = entry_weights(history);
  for (std::size_t h = 0; h < history.size(); ++h) {
    if (history[h].item >= items()) continue;
    for (const ScoredRow& neighbour : neighbours(history[h].item)) {
      scores[neighbour.item] += weights[h] * neighbour.score;
    }
  }
}

void ItemToItemModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                                std::span<float> scores) const {
  WINNOW_CHECK(scores.size() == histories.size() * items());
  std::ranges::fill(scores, 0.0f);
  for (std::size_t u = 0; u < histories.size(); ++u) {
    add_scores(histories[u], scores.subspan(u * items(), items()));
  }
}

std::string ItemToItemModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(options_.neighbours);
  out.fixed(options_.shrinkage);
  out.fixed(options_.popularity_exponent);
  out.fixed(options_.user_exponent);
  out.fixed(options_.wilson_z);
  out.fixed(options_.history_half_life_days);
  out.array<std::uint64_t>(offsets_);
  out.array<ScoredRow>(neighbours_);
  return out.take();
}

Result<ItemToItemModel> ItemToItemModel::decode(std::string_view bytes) {
  static_assert(sizeof(ScoredRow) == 8, "neighbours are stored as they lie in memory");
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "item_to_item"));
  ItemToItemOptions options;
  options.neighbours = in.fixed<std::uint32_t>();
  options.shrinkage = in.fixed<float>();
  options.popularity_exponent = in.fixed<float>();
  options.user_exponent = in.fixed<float>();
  options.wilson_z = in.fixed<float>();
  options.history_half_life_days = in.fixed<float>();
  auto offsets = in.array<std::uint64_t>();
  auto neighbours = in.array<ScoredRow>();
  if (in.failed() || !in.at_end() || offsets.empty() || offsets.front() != 0 ||
      offsets.back() != neighbours.size() || !std::is_sorted(offsets.begin(), offsets.end())) {
    return corrupt_model("item_to_item");
  }
  const std::size_t items = offsets.size() - 1;
  const bool sound = std::all_of(neighbours.begin(), neighbours.end(), [items](const ScoredRow& neighbour) {
    return neighbour.item < items && std::isfinite(neighbour.score);
  });
  if (!sound) return corrupt_model("item_to_item");
  return ItemToItemModel(options, std::move(offsets), neighbours);
}

}  // namespace winnow
