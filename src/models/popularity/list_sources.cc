#include "models/popularity/list_sources.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stages/item_numbering.h"

namespace winnow {

namespace {

using List = std::vector<ScoredItem>;

constexpr std::size_t kFavouriteCategories = 3;

// The categories asked for, or else those that the user likes best on balance.
std::vector<NameKey> favourite_categories(const RequestContext& context) {
  std::vector<NameKey> keys;
  keys.reserve(context.query->categories.size());
  for (const std::string& category : context.query->categories) keys.push_back(name_key(category));
  if (!keys.empty()) return keys;
  std::vector<Affinity> liked = context.user.state->categories;
  std::erase_if(liked, [](const Affinity& a) { return a.positive <= a.negative; });
  const auto better = [](const Affinity& a, const Affinity& b) {
    const float x = a.positive - a.negative;
    const float y = b.positive - b.negative;
    return x != y ? x > y : a.key < b.key;
  };
  const std::size_t count = std::min(kFavouriteCategories, liked.size());
  std::partial_sort(liked.begin(), liked.begin() + static_cast<std::ptrdiff_t>(count), liked.end(), better);
  for (std::size_t i = 0; i < count; ++i) keys.push_back(liked[i].key);
  return keys;
}

void append_list(std::vector<std::pair<NameKey, const List*>>& lists, NameKey key,
                 const std::unordered_map<NameKey, List>& by_key) {
  const auto found = by_key.find(key);
  if (found != by_key.end()) lists.emplace_back(key, &found->second);
}

class PreparedList final : public PreparedSource {
 public:
  PreparedList(ListKind kind, const RequestContext& context, const ItemTable& table,
               const PopularityModel* model, const Vocabulary* vocabulary)
      : kind_(kind), context_(context), table_(table), model_(model), vocabulary_(vocabulary) {
    const Trends& trends = *context.trends;
    switch (kind) {
      case ListKind::popular:
        lists_.emplace_back(0, &trends.popular);
        break;
      case ListKind::trending:
        lists_.emplace_back(0, &trends.trending);
        break;
      case ListKind::newest:
        lists_.emplace_back(0, &trends.newest);
        break;
      case ListKind::country:
        if (context.user.country != 0) append_list(lists_, context.user.country, trends.by_country);
        break;
      case ListKind::category:
        for (const NameKey key : favourite_categories(context)) append_list(lists_, key, trends.by_category);
        break;
    }
  }

  // Several lists take turns, so that each favourite category is heard.
  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    if (lists_.size() == 1) {
      const List& list = *lists_.front().second;
      return {list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(limit, list.size()))};
    }
    std::vector<ScoredItem> found;
    ItemNumbering known(limit);
    for (std::size_t rank = 0; found.size() < limit; ++rank) {
      bool more = false;
      for (const auto& [key, list] : lists_) {
        if (rank >= list->size() || found.size() >= limit) continue;
        more = true;
        if (known.number((*list)[rank].item).is_new) found.push_back((*list)[rank]);
      }
      if (!more) break;
    }
    return found;
  }

  // Of the lists, only popularity has something to say of every item.
  void score(std::span<const ItemIndex> items, std::span<float> scores) const override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      scores[i] = kind_ == ListKind::popular ? popularity(items[i]) : 0.0f;
    }
  }

  Reason explain(ItemIndex item) const override {
    switch (kind_) {
      case ListKind::popular:
        return {"popular", "Popular right now", ""};
      case ListKind::trending:
        return {"trending", "Trending: rising fast", ""};
      case ListKind::newest:
        return {"new", "New in the catalogue", ""};
      case ListKind::country:
        return {"popular_in_country", "Popular where you are", ""};
      case ListKind::category:
        break;
    }
    const auto categories = context_.items->attributes(item).categories;
    for (const auto& [key, list] : lists_) {
      if (std::find(categories.begin(), categories.end(), key) != categories.end()) {
        return {"popular_in_category", "Popular in " + table_.name_of(key), ""};
      }
    }
    return {"popular", "Popular right now", ""};
  }

 private:
  float popularity(ItemIndex item) const {
    if (model_ == nullptr) return context_.trends->activity_of(item).popularity;
    const std::uint32_t model_row = vocabulary_->model_row(item);
    return model_row == Vocabulary::kNoRow ? 0.0f : model_->scores()[model_row];
  }

  ListKind kind_;
  const RequestContext& context_;
  const ItemTable& table_;
  const PopularityModel* model_;
  const Vocabulary* vocabulary_;
  std::vector<std::pair<NameKey, const List*>> lists_;
};

}  // namespace

std::string_view name_of(ListKind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"popular", "category", "country", "trending",
                                                             "new"};
  return kNames[static_cast<std::size_t>(kind)];
}

Result<std::unique_ptr<PreparedSource>> ListSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(
      std::make_unique<PreparedList>(kind_, context, table_, model_, vocabulary_));
}

}  // namespace winnow
