#include "models/item_to_item/item_to_item_source.h"

#include "math/top_k.h"
#include "models/model_history.h"

namespace winnow {

namespace {

class PreparedItemToItem final : public PreparedSource {
 public:
  PreparedItemToItem(Similarity::Pool& pool, const ItemToItemModel& model, const Vocabulary& vocabulary,
                     const RequestContext& context, std::vector<HistoryEntry> history)
      : vocabulary_(vocabulary),
        context_(context),
        history_(std::move(history)),
        similarity_(pool, model, history_) {}

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    const std::span<const std::uint32_t> touched = similarity_.touched();
    std::vector<float> scores(touched.size());
    for (std::size_t i = 0; i < touched.size(); ++i) scores[i] = similarity_.score(touched[i]);
    std::vector<ScoredItem> found;
    for (const ScoredRow& hit : select_top_k(scores, limit)) {
      const ItemIndex item = vocabulary_.item(touched[hit.item]);
      if (item != kNoItem) found.push_back({item, hit.score});
    }
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::uint32_t model_row = vocabulary_.model_row(items[i]);
      scores[i] = model_row == Vocabulary::kNoRow ? 0.0f : similarity_.score(model_row);
    }
  }

  Reason explain(ItemIndex item) const override {
    Reason unspecific{"similar_to", "Similar to what you like", ""};
    const std::uint32_t model_row = vocabulary_.model_row(item);
    if (model_row == Vocabulary::kNoRow) return unspecific;
    const int strongest = similarity_.strongest(model_row);
    if (strongest < 0) return unspecific;
    const ItemIndex because = vocabulary_.item(history_[static_cast<std::size_t>(strongest)].item);
    if (because == kNoItem) return unspecific;
    const ItemView view = context_.items->view(because);
    const bool on_screen = context_.query->context_item == view.id;
    return {"similar_to",
            (on_screen ? "Often liked together with " : "Because you liked ") +
                std::string(view.title.empty() ? view.id : view.title),
            std::string(view.id)};
  }

 private:
  const Vocabulary& vocabulary_;
  const RequestContext& context_;
  std::vector<HistoryEntry> history_;
  Similarity similarity_;
};

}  // namespace

Result<std::unique_ptr<PreparedSource>> ItemToItemSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedItemToItem>(
      pool_, model_, vocabulary_, context,
      model_history(context.user, vocabulary_, decay_per_day_, context.trends->as_of_ms)));
}

}  // namespace winnow
