#include "online/filter/filter.h"

#include <algorithm>

namespace winnow {

namespace {

bool contains(std::span<const NameKey> keys, NameKey key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool contains_sorted(const std::vector<ItemIndex>& items, ItemIndex item) {
  return std::binary_search(items.begin(), items.end(), item,
                            [](ItemIndex a, ItemIndex b) { return row(a) < row(b); });
}

std::vector<NameKey> disliked(const std::vector<Affinity>& affinities, const FilterOptions& options) {
  std::vector<NameKey> keys;
  for (const Affinity& a : affinities) {
    if (a.negative >= options.dislike_min_negatives &&
        a.negative >= options.dislike_min_share * (a.negative + a.positive)) {
      keys.push_back(a.key);
    }
  }
  return keys;
}

}  // namespace

RequestFilter::RequestFilter(const FilterOptions& options, const RequestContext& context,
                             std::vector<ItemIndex> excluded, std::vector<ItemIndex> shown)
    : options_(options), context_(context), excluded_(std::move(excluded)), shown_(std::move(shown)) {
  for (const std::string& category : context.query->categories)
    wanted_categories_.push_back(name_key(category));
  if (options.disliked_groups) {
    disliked_creators_ = disliked(context.user.state->creators, options);
    disliked_categories_ = disliked(context.user.state->categories, options);
  }
  expected_drops_ =
      excluded_.size() + shown_.size() + context.user.state->seen.size() + context.user.session_seen.size();
}

std::string_view RequestFilter::seen_reason(std::span<const SeenItem> seen, ItemIndex item) const {
  const auto at = std::lower_bound(seen.begin(), seen.end(), item, [](const SeenItem& entry, ItemIndex i) {
    return row(entry.item) < row(i);
  });
  std::string_view reason;
  for (auto entry = at; entry != seen.end() && entry->item == item; ++entry) {
    if (options_.hidden && (entry->flags & (SeenItem::hidden | SeenItem::disliked)) != 0) return "hidden";
    if (options_.purchased && (entry->flags & SeenItem::purchased) != 0) reason = "purchased";
    const std::uint8_t counts = SeenItem::engaged | (options_.impressions_are_seen ? SeenItem::shown : 0);
    const bool fresh = entry->received_ms + options_.seen_ttl_ms >= context_.query->now_ms;
    if (reason.empty() && options_.seen && fresh && (entry->flags & counts) != 0) reason = "seen";
  }
  return reason;
}

std::string_view RequestFilter::reason_to_drop(ItemIndex item) const {
  const ItemView view = context_.items->view(item);
  if (!view.available) return "unavailable";
  if (options_.region && !view.regions.empty() && context_.user.country != 0 &&
      !contains(view.regions, context_.user.country)) {
    return "region";
  }
  if (!wanted_categories_.empty() &&
      std::none_of(view.categories.begin(), view.categories.end(),
                   [&](NameKey key) { return contains(wanted_categories_, key); })) {
    return "category";
  }
  if (contains_sorted(excluded_, item)) return "excluded";
  if (contains_sorted(shown_, item)) return "shown";
  const std::string_view of_state = seen_reason(context_.user.state->seen, item);
  if (!of_state.empty()) return of_state;
  const std::string_view of_session = seen_reason(context_.user.session_seen, item);
  if (!of_session.empty()) return of_session;
  if (view.creator != 0 && contains(disliked_creators_, view.creator)) return "disliked_creator";
  for (const NameKey category : view.categories) {
    // An item of the category that was asked for is wanted all the same.
    if (contains(disliked_categories_, category) && !contains(wanted_categories_, category))
      return "disliked_category";
  }
  return {};
}

Filtered filter(const RequestFilter& rules, Candidates candidates) {
  Filtered result;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::string_view reason = rules.reason_to_drop(candidates.items[i]);
    if (!reason.empty()) {
      ++result.dropped[std::string(reason)];
      continue;
    }
    candidates.items[kept] = candidates.items[i];
    candidates.proposed_by[kept] = candidates.proposed_by[i];
    candidates.columns[kept] = candidates.columns[i];
    ++kept;
  }
  candidates.items.resize(kept);
  candidates.proposed_by.resize(kept);
  candidates.columns.resize(kept);
  result.kept = std::move(candidates);
  return result;
}

}  // namespace winnow
