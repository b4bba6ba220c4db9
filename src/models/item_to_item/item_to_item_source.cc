#include "models/item_to_item/item_to_item_source.h"

#include <algorithm>
#include <cmath>

#include "models/model_history.h"

namespace winnow {

namespace {

// The similarity of every neighbour of the history, in order of row. O(neighbours touched), not O(items): the
// dense accumulator belongs to the thread and is all zero between calls.
std::vector<ScoredRow> similarities(const ItemToItemModel& model, std::span<const HistoryEntry> history) {
  thread_local std::vector<float> accumulator;
  if (accumulator.size() < model.items()) accumulator.resize(model.items());
  const std::span<float> scores = std::span(accumulator).first(model.items());
  model.score_all(history, scores);
  std::vector<ScoredRow> touched;
  for (const HistoryEntry& entry : history) {
    if (entry.item >= model.items()) continue;
    for (const ScoredRow& neighbour : model.neighbours(entry.item)) {
      float& score = scores[neighbour.item];
      if (score == 0) continue;
      if (std::isfinite(score)) touched.push_back({neighbour.item, score});
      score = 0;
    }
  }
  std::sort(touched.begin(), touched.end(),
            [](const ScoredRow& a, const ScoredRow& b) { return a.item < b.item; });
  return touched;
}

class PreparedItemToItem final : public PreparedSource {
 public:
  PreparedItemToItem(const ItemToItemModel& model, const Vocabulary& vocabulary,
                     const RequestContext& context, std::vector<HistoryEntry> history)
      : model_(model),
        vocabulary_(vocabulary),
        context_(context),
        history_(std::move(history)),
        similar_(similarities(model, history_)) {}

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    std::vector<ScoredRow> best(std::min(limit, similar_.size()));
    std::partial_sort_copy(similar_.begin(), similar_.end(), best.begin(), best.end(), ranks_before);
    std::vector<ScoredItem> found;
    found.reserve(best.size());
    for (const ScoredRow& hit : best) {
      const ItemIndex item = vocabulary_.item(hit.item);
      if (item != kNoItem) found.push_back({item, hit.score});
    }
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::uint32_t model_row = vocabulary_.model_row(items[i]);
      const auto at =
          std::lower_bound(similar_.begin(), similar_.end(), model_row,
                           [](const ScoredRow& entry, std::uint32_t r) { return entry.item < r; });
      scores[i] = at != similar_.end() && at->item == model_row ? at->score : 0.0f;
    }
  }

  Reason explain(ItemIndex item) const override {
    const int strongest = model_.strongest(history_, vocabulary_.model_row(item));
    if (strongest < 0) return {"similar_to", "Similar to what you like", ""};
    const ItemIndex because = vocabulary_.item(history_[static_cast<std::size_t>(strongest)].item);
    if (because == kNoItem) return {"similar_to", "Similar to what you like", ""};
    const ItemView view = context_.items->view(because);
    const bool on_screen = context_.query->context_item == view.id;
    return {"similar_to",
            (on_screen ? "Often liked together with " : "Because you liked ") +
                std::string(view.title.empty() ? view.id : view.title),
            std::string(view.id)};
  }

 private:
  const ItemToItemModel& model_;
  const Vocabulary& vocabulary_;
  const RequestContext& context_;
  std::vector<HistoryEntry> history_;
  std::vector<ScoredRow> similar_;
};

}  // namespace

Result<std::unique_ptr<PreparedSource>> ItemToItemSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedItemToItem>(
      model_, vocabulary_, context,
      model_history(context.user, vocabulary_, decay_per_day_, context.trends->as_of_ms)));
}

}  // namespace winnow
