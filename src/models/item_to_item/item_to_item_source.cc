#include "models/item_to_item/item_to_item_source.h"

#include "math/top_k.h"
#include "models/history_reason.h"
#include "models/model_history.h"

namespace winnow {

namespace {

struct SplitHistory {
  std::vector<HistoryEntry> known;    // by row of the model
  std::vector<HistoryEntry> unknown;  // by index in the catalogue
};

class PreparedItemToItem final : public PreparedSource {
 public:
  PreparedItemToItem(Similarity::Pool& pool, const ItemToItemModel& model, const Vocabulary& vocabulary,
                     NothingNew& nothing_new, const RequestContext& context, SplitHistory history)
      : vocabulary_(vocabulary),
        context_(context),
        history_(std::move(history)),
        similarity_(pool, model, history_.known),
        stream_(context.co_occurrence, model, vocabulary, nothing_new, {history_.known, history_.unknown}) {
    for (const StreamSimilarity::Opinion& opinion : stream_.opinions()) {
      const std::uint32_t model_row = vocabulary_.model_row(opinion.item);
      if (model_row != Vocabulary::kNoRow) {
        similarity_.add(model_row, opinion.score);
      } else {
        unknown_.push_back({opinion.item, opinion.score});
      }
    }
  }

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    const std::span<const Similarity::Entry> known = similarity_.entries();
    std::vector<float> scores(known.size());
    for (std::size_t i = 0; i < known.size(); ++i) scores[i] = known[i].score;
    for (const ScoredItem& unknown : unknown_) scores.push_back(unknown.score);
    std::vector<ScoredItem> found;
    for (const ScoredRow& hit : select_top_k(scores, limit)) {
      const ItemIndex item = hit.item < known.size() ? vocabulary_.item(known[hit.item].row)
                                                     : unknown_[hit.item - known.size()].item;
      if (item != kNoItem) found.push_back({item, hit.score});
    }
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::uint32_t model_row = vocabulary_.model_row(items[i]);
      if (model_row != Vocabulary::kNoRow) {
        scores[i] = similarity_.score(model_row);
      } else {
        const StreamSimilarity::Opinion* opinion = stream_.find(items[i]);
        scores[i] = opinion == nullptr ? 0.0f : opinion->score;
      }
    }
  }

  Reason explain(ItemIndex item) const override {
    constexpr ReasonWords kLiked{"similar_to", "Similar to what you like", "Because you liked "};
    constexpr ReasonWords kOnScreen{"similar_to", "Similar to what you like", "Often liked together with "};
    const ItemIndex because = strongest(item);
    Reason reason = history_reason(kLiked, because, context_);
    const bool on_screen =
        !reason.because_item.empty() && reason.because_item == context_.query->context_item;
    return on_screen ? history_reason(kOnScreen, because, context_) : reason;
  }

 private:
  // The item of the history that speaks most for `item`: the model's first; kNoItem when none does.
  ItemIndex strongest(ItemIndex item) const {
    const std::uint32_t model_row = vocabulary_.model_row(item);
    const int entry = model_row == Vocabulary::kNoRow ? -1 : similarity_.strongest(model_row);
    if (entry >= 0) return vocabulary_.item(history_.known[static_cast<std::size_t>(entry)].item);
    const StreamSimilarity::Opinion* opinion = stream_.find(item);
    return opinion == nullptr ? kNoItem : opinion->because;
  }

  const Vocabulary& vocabulary_;
  const RequestContext& context_;
  SplitHistory history_;
  Similarity similarity_;
  StreamSimilarity stream_;
  std::vector<ScoredItem> unknown_;  // what only the stream knows
};

const ItemToItemModel& no_model() {
  static const ItemToItemModel kNone({}, {0}, {});
  return kNone;
}

}  // namespace

ItemToItemSource::ItemToItemSource(const Vocabulary& vocabulary)
    : ItemToItemSource(no_model(), vocabulary, 0) {}

Result<std::unique_ptr<PreparedSource>> ItemToItemSource::prepare(const RequestContext& context) const {
  const TimestampMs as_of_ms = context.trends->as_of_ms;
  SplitHistory history{model_history(context.user, vocabulary_, decay_per_day_, as_of_ms),
                       unknown_history(context.user, vocabulary_, decay_per_day_, as_of_ms)};
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedItemToItem>(
      pool_, model_, vocabulary_, nothing_new_, context, std::move(history)));
}

}  // namespace winnow
