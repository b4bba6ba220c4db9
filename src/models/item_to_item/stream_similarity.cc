#include "models/item_to_item/stream_similarity.h"

#include <algorithm>

#include "models/history_decay.h"

namespace winnow {

namespace {

// Added to a pair's denominator: what one person does is no pattern yet.
constexpr float kThinEvidence = 1;

std::vector<HistoryEntry> newest(std::span<const HistoryEntry> history, std::size_t most) {
  std::vector<HistoryEntry> kept(history.begin(), history.end());
  if (kept.size() <= most) return kept;
  std::nth_element(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(most), kept.end(),
                   [](const HistoryEntry& a, const HistoryEntry& b) {
                     return a.time_ms != b.time_ms ? a.time_ms > b.time_ms : a.item < b.item;
                   });
  kept.resize(most);
  return kept;
}

}  // namespace

SimilarityScale stream_scale(const ItemToItemOptions& options) {
  return {options.popularity_exponent, options.shrinkage + kThinEvidence};
}

StreamSimilarity::StreamSimilarity(const CoOccurrence* stream, const ItemToItemModel& model,
                                   const Vocabulary& vocabulary, NothingNew& nothing_new,
                                   const History& history)
    : numbering_(stream == nullptr ? 0 : kMostOpinions) {
  if (stream == nullptr) return;
  const CoOccurrence::Reader reader = stream->reader();
  const SimilarityScale scale = stream_scale(model.options());
  // Weighed as the model weighs them, by their age before the newest of all.
  std::vector<HistoryEntry> entries = newest(history.known, kMostKnown);
  const std::size_t known = entries.size();
  const std::vector<HistoryEntry> unknown = newest(history.unknown, kMostUnknown);
  entries.insert(entries.end(), unknown.begin(), unknown.end());
  const std::vector<float> weights = decayed_weights(entries, model.options().history_half_life_days);

  const std::function<bool(ItemIndex)> beyond_model = [&](ItemIndex item) {
    return vocabulary.model_row(item) == Vocabulary::kNoRow;
  };
  for (std::size_t h = 0; h < known; ++h) {
    const std::uint32_t model_row = entries[h].item;
    const ItemIndex item = vocabulary.item(model_row);
    if (item == kNoItem) continue;
    const std::uint32_t version = reader.version(item);
    if (nothing_new.holds(model_row, version)) continue;
    const std::vector<ScoredItem> similar = reader.similar(item, scale, beyond_model);
    if (similar.empty()) nothing_new.note(model_row, version);
    add(item, weights[h], similar);
  }
  for (std::size_t h = known; h < entries.size(); ++h) {
    const ItemIndex item{entries[h].item};
    add(item, weights[h], reader.similar(item, scale));
  }
}

void StreamSimilarity::add(ItemIndex because, float weight, std::span<const ScoredItem> companions) {
  for (const ScoredItem& companion : companions) {
    const float share = weight * companion.score;
    if (!(share > 0)) continue;
    const auto [number, is_new] = numbering_.number(companion.item);
    if (is_new) opinions_.push_back({companion.item, 0, because, 0});
    Opinion& opinion = opinions_[number];
    opinion.score += share;
    if (share > opinion.because_share) {
      opinion.because = because;
      opinion.because_share = share;
    }
  }
}

}  // namespace winnow
