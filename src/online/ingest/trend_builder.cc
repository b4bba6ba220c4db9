#include "online/ingest/trend_builder.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr float kLeastSurge = 1;  // standard deviations; a first event alone stays below

bool better(const ScoredItem& a, const ScoredItem& b) {
  return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
}

// Keeps the best `limit` in order. Lists may grow to twice the limit before they are cut, so a push is O(1).
void cut(std::vector<ScoredItem>& list, std::size_t limit) {
  if (list.size() > limit) {
    std::nth_element(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(limit), list.end(), better);
    list.resize(limit);
  }
}

void push(std::vector<ScoredItem>& list, ScoredItem entry, std::size_t limit) {
  list.push_back(entry);
  if (list.size() >= 2 * limit) cut(list, limit);
}

void finish(std::vector<ScoredItem>& list, std::size_t limit) {
  cut(list, limit);
  std::sort(list.begin(), list.end(), better);
  list.shrink_to_fit();
}

}  // namespace

std::shared_ptr<Trends> build_trends(const ItemStatistics& statistics, const ItemSnapshot& items,
                                     TimestampMs now_ms, const TrendOptions& options) {
  auto trends = std::make_shared<Trends>();
  trends->as_of_ms = statistics.newest_ms();
  trends->activity.resize(items.size());
  trends->of_others = statistics.activity(kNoItem);
  TimestampMs newest_item_ms = 0;
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    const ItemIndex item{i};
    const ItemAttributes attributes = items.attributes(item);
    trends->activity[i] = statistics.activity(item);
    if (!attributes.available) continue;
    if (attributes.created_ms <= now_ms) newest_item_ms = std::max(newest_item_ms, attributes.created_ms);
    const float popularity = trends->activity[i].popularity;
    if (popularity <= 0) continue;
    push(trends->popular, {item, popularity}, options.overall);
    const float velocity = trends->activity[i].velocity;
    if (const auto surge = static_cast<float>(statistics.surge(item)); surge > kLeastSurge)
      push(trends->surging, {item, surge}, options.overall);
    const bool rising = velocity >= options.min_velocity;
    if (rising) push(trends->trending, {item, velocity}, options.overall);
    for (const NameKey category : attributes.categories) {
      push(trends->by_category[category], {item, popularity}, options.per_group);
      if (rising) push(trends->trending_by_category[category], {item, velocity}, options.per_group);
    }
  }
  const auto oldest_new_ms = newest_item_ms - static_cast<TimestampMs>(options.new_item_days * kDayMs);
  for (std::uint32_t i = 0; i < items.size() && newest_item_ms > 0; ++i) {
    const ItemAttributes attributes = items.attributes(ItemIndex{i});
    if (!attributes.available || attributes.created_ms == 0 || attributes.created_ms > now_ms ||
        attributes.created_ms < oldest_new_ms) {
      continue;
    }
    const double freshness =
        static_cast<double>(attributes.created_ms - oldest_new_ms) / (options.new_item_days * kDayMs);
    push(trends->newest, {ItemIndex{i}, static_cast<float>(freshness)}, options.overall);
  }
  for (const auto& [country, counters] : statistics.countries()) {
    auto& list = trends->by_country[country];
    for (const auto& [index, c] : counters) {
      if (index >= items.size() || !items.attributes(ItemIndex{index}).available) continue;
      const double score = statistics.country_popularity(c);
      if (score > 0) push(list, {ItemIndex{index}, static_cast<float>(score)}, options.per_group);
    }
    finish(list, options.per_group);
  }
  finish(trends->popular, options.overall);
  finish(trends->trending, options.overall);
  finish(trends->newest, options.overall);
  cut(trends->surging, options.overall);
  std::ranges::sort(trends->surging, {}, [](const ScoredItem& entry) { return row(entry.item); });
  for (auto& [category, list] : trends->by_category) finish(list, options.per_group);
  for (auto& [category, list] : trends->trending_by_category) finish(list, options.per_group);
  return trends;
}

}  // namespace winnow
