#include "models/content/content_source.h"

#include <algorithm>
#include <memory>
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
  PreparedContent(std::shared_ptr<const ContentIndex> index, const RequestContext& context,
                  std::vector<HistoryEntry> history, ContentIndex::Search search,
                  ObjectPool<SparseScores>::Loan found)
      : index_(std::move(index)), context_(context), history_(std::move(history)), found_(std::move(found)) {
    index_->add_scores(history_, search, *found_);
  }
  ~PreparedContent() override { found_->clear(); }

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    std::vector<float> scores;
    scores.reserve(found_->touched.size());
    for (const std::uint32_t item_row : found_->touched) scores.push_back(found_->scores[item_row]);
    std::vector<ScoredItem> best;
    for (const ScoredRow& hit : select_top_k(scores, limit)) {
      best.push_back({ItemIndex{found_->touched[hit.item]}, hit.score});
    }
    return best;
  }

  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      scores[i] = row(items[i]) < found_->scores.size() ? found_->scores[row(items[i])] : 0.0f;
    }
  }

  // The liked item that is described most alike.
  Reason explain(ItemIndex item) const override {
    constexpr ReasonWords kWords{"content", "Like what you like", "Described like "};
    if (row(item) >= index_->model().items()) return history_reason(kWords, kNoItem, context_);
    const std::uint32_t nearest =
        most_alike(history_ | std::views::transform(&HistoryEntry::item), row(item),
                   [&](std::uint32_t other) { return index_->model().similarity(other, row(item)); });
    return history_reason(kWords, nearest == Vocabulary::kNoRow ? kNoItem : ItemIndex{nearest}, context_);
  }

 private:
  std::shared_ptr<const ContentIndex> index_;
  const RequestContext& context_;
  std::vector<HistoryEntry> history_;
  ObjectPool<SparseScores>::Loan found_;
};

// Of a source that has nothing to say.
class PreparedNothing final : public PreparedSource {
 public:
  std::vector<ScoredItem> retrieve(std::size_t) override { return {}; }
  void score(std::span<const ItemIndex>, std::span<float> scores) const override {
    std::ranges::fill(scores, 0.0f);
  }
  Reason explain(ItemIndex) const override { return {}; }
};

}  // namespace

bool ContentSource::knows_taste(const UserContext& user) const {
  std::size_t learned = 0;
  for (const Interaction& interaction : user.history) {
    const bool speaks = interaction.weight > 0 && interaction.signal != Signal::negative;
    if (speaks && learned_.model_row(interaction.item) != Vocabulary::kNoRow) ++learned;
    if (learned == kEnoughLearned) return true;
  }
  return false;
}

Result<std::unique_ptr<PreparedSource>> ContentSource::prepare(const RequestContext& context) const {
  const auto nothing = [] { return std::unique_ptr<PreparedSource>(std::make_unique<PreparedNothing>()); };
  const bool has_taste = knows_taste(context.user);
  if (has_taste && share_ * static_cast<double>(context.query->count) < 1) return nothing();
  std::shared_ptr<const ContentIndex> index = index_.pin();
  if (!index) return nothing();
  const auto row_of = [&](ItemIndex item) {
    return row(item) < index->model().items() ? row(item) : Vocabulary::kNoRow;
  };
  const std::span<const Interaction> newest(context.user.history);
  std::vector<HistoryEntry> history = history_by_row(newest.last(std::min(newest.size(), kNewest)), row_of,
                                                     decay_per_day_, context.trends->as_of_ms);
  if (history.empty()) return nothing();
  const auto search = has_taste ? ContentIndex::Search::unlearned : ContentIndex::Search::all;
  return std::unique_ptr<PreparedSource>(
      std::make_unique<PreparedContent>(std::move(index), context, std::move(history), search, pool_.take()));
}

}  // namespace winnow
