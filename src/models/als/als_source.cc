#include "models/als/als_source.h"

#include <algorithm>
#include <cmath>

#include "math/vector_kernels.h"
#include "models/model_history.h"
#include "models/vector_candidates.h"

namespace winnow {

namespace {

class PreparedAls final : public PreparedSource {
 public:
  PreparedAls(const AlsModel& model, const VectorIndex* index, const Vocabulary& vocabulary,
              const RequestContext& context, std::vector<HistoryEntry> history)
      : model_(model),
        vocabulary_(vocabulary),
        context_(context),
        history_(std::move(history)),
        candidates_(model.factors(), index,
                    history_.empty() ? std::vector<float>() : model.fold_in(history_)) {}

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    std::vector<ScoredItem> found;
    for (const ScoredRow& hit : candidates_.best(limit)) {
      const ItemIndex item = vocabulary_.item(hit.item);
      if (item != kNoItem) found.push_back({item, hit.score});
    }
    return found;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::uint32_t model_row = vocabulary_.model_row(items[i]);
      scores[i] = model_row == Vocabulary::kNoRow ? 0.0f : candidates_.score(model_row);
    }
  }

  // The liked item whose vector is most like this one's.
  Reason explain(ItemIndex item) const override {
    Reason unspecific{"taste", "Fits your taste", ""};
    const std::uint32_t model_row = vocabulary_.model_row(item);
    if (model_row == Vocabulary::kNoRow) return unspecific;
    const auto factor = model_.factor(model_row);
    const HistoryEntry* nearest = nullptr;
    float best = 0;
    for (const HistoryEntry& entry : history_) {
      const auto other = model_.factor(entry.item);
      const float length = std::sqrt(dot(other, other));
      const float likeness = length > 0 ? dot(factor, other) / length : 0;
      if (likeness > best && entry.item != model_row) {
        best = likeness;
        nearest = &entry;
      }
    }
    if (nearest == nullptr) return unspecific;
    const ItemIndex because = vocabulary_.item(nearest->item);
    if (because == kNoItem) return unspecific;
    const ItemView view = context_.items->view(because);
    return {"taste", "Fits your taste for " + std::string(view.title.empty() ? view.id : view.title),
            std::string(view.id)};
  }

 private:
  const AlsModel& model_;
  const Vocabulary& vocabulary_;
  const RequestContext& context_;
  std::vector<HistoryEntry> history_;
  VectorCandidates candidates_;
};

}  // namespace

Result<std::unique_ptr<PreparedSource>> AlsSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedAls>(
      model_, index_, vocabulary_, context,
      model_history(context.user, vocabulary_, decay_per_day_, context.trends->as_of_ms)));
}

}  // namespace winnow
