#include "models/content/content_source.h"

#include <ranges>
#include <utility>
#include <vector>

#include "math/top_k.h"
#include "models/history_reason.h"
#include "models/model_history.h"

namespace winnow {

namespace {

class PreparedContent final : public PreparedSource {
 public:
  PreparedContent(const ContentModel& model, const Vocabulary& vocabulary, const RequestContext& context,
                  std::vector<HistoryEntry> history)
      : model_(model), vocabulary_(vocabulary), context_(context), history_(std::move(history)) {
    if (history_.empty()) return;
    scores_.resize(model.items());
    model.add_scores(history_, scores_);
  }

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    std::vector<ScoredItem> found;
    for (const ScoredRow& hit : top_k(scores_, limit)) {
      const ItemIndex item = vocabulary_.item(hit.item);
      if (item != kNoItem && hit.score > 0) found.push_back({item, hit.score});
    }
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::uint32_t model_row = vocabulary_.model_row(items[i]);
      scores[i] = scores_.empty() || model_row == Vocabulary::kNoRow ? 0.0f : scores_[model_row];
    }
  }

  // The liked item that is described most alike.
  Reason explain(ItemIndex item) const override {
    constexpr ReasonWords kWords{"content", "Like what you like", "Described like "};
    const std::uint32_t model_row = vocabulary_.model_row(item);
    if (model_row == Vocabulary::kNoRow) return history_reason(kWords, kNoItem, context_);
    const ItemIndex because =
        most_alike(history_ | std::views::transform(&HistoryEntry::item), model_row, vocabulary_,
                   [&](std::uint32_t other) { return model_.similarity(other, model_row); });
    return history_reason(kWords, because, context_);
  }

 private:
  const ContentModel& model_;
  const Vocabulary& vocabulary_;
  const RequestContext& context_;
  std::vector<HistoryEntry> history_;
  std::vector<float> scores_;  // empty when the history holds nothing that the model knows
};

}  // namespace

Result<std::unique_ptr<PreparedSource>> ContentSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedContent>(
      model_, vocabulary_, context,
      model_history(context.user, vocabulary_, decay_per_day_, context.trends->as_of_ms)));
}

}  // namespace winnow
