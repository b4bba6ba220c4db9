#include "online/filter/filter.h"

#include <algorithm>
#include <array>

namespace winnow {

namespace {

constexpr std::array<std::string_view, kDropReasons> kReasonNames = {
    "none",   "unavailable", "region", "category",         "excluded",         "shown",
    "hidden", "purchased",   "seen",   "disliked_creator", "disliked_category"};

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

std::string_view name_of(DropReason reason) { return kReasonNames[static_cast<std::size_t>(reason)]; }

RequestFilter::RequestFilter(const FilterOptions& options, const RequestContext& context,
                             std::vector<ItemIndex> excluded, std::vector<ItemIndex> shown)
    : options_(options),
      context_(context),
      excluded_(std::move(excluded)),
      shown_(std::move(shown)),
      named_(excluded_.size() + shown_.size() + context.user.state->seen.size() +
             context.user.session_seen.size()) {
  for (const ItemIndex item : excluded_) named_.add(item);
  for (const ItemIndex item : shown_) named_.add(item);
  for (const SeenItem& entry : context.user.state->seen) named_.add(entry.item);
  for (const SeenItem& entry : context.user.session_seen) named_.add(entry.item);
  for (const std::string& category : context.query->categories)
    wanted_categories_.push_back(name_key(category));
  if (options.disliked_groups) {
    disliked_creators_ = disliked(context.user.state->creators, options);
    disliked_categories_ = disliked(context.user.state->categories, options);
  }
}

DropReason RequestFilter::seen_reason(std::span<const SeenItem> seen, ItemIndex item) const {
  const auto at = std::lower_bound(seen.begin(), seen.end(), item, [](const SeenItem& entry, ItemIndex i) {
    return row(entry.item) < row(i);
  });
  DropReason reason = DropReason::none;
  for (auto entry = at; entry != seen.end() && entry->item == item; ++entry) {
    if (options_.hidden && (entry->flags & (SeenItem::hidden | SeenItem::disliked)) != 0)
      return DropReason::hidden;
    if (options_.purchased && (entry->flags & SeenItem::purchased) != 0) reason = DropReason::purchased;
    const std::uint8_t counts = SeenItem::engaged | (options_.impressions_are_seen ? SeenItem::shown : 0);
    const bool fresh = entry->received_ms + options_.seen_ttl_ms >= context_.query->now_ms;
    if (reason == DropReason::none && options_.seen && fresh && (entry->flags & counts) != 0)
      reason = DropReason::seen;
  }
  return reason;
}

// What the request, an earlier page or the user's own past says of this very item.
DropReason RequestFilter::named_reason(ItemIndex item) const {
  if (contains_sorted(excluded_, item)) return DropReason::excluded;
  if (contains_sorted(shown_, item)) return DropReason::shown;
  const DropReason of_state = seen_reason(context_.user.state->seen, item);
  return of_state != DropReason::none ? of_state : seen_reason(context_.user.session_seen, item);
}

DropReason RequestFilter::reason_to_drop(ItemIndex item) const {
  const ItemAttributes attributes = context_.items->attributes(item);
  if (!attributes.available) return DropReason::unavailable;
  if (options_.region && !attributes.regions.empty() && context_.user.country != 0 &&
      !contains(attributes.regions, context_.user.country)) {
    return DropReason::region;
  }
  if (!wanted_categories_.empty() &&
      std::none_of(attributes.categories.begin(), attributes.categories.end(),
                   [&](NameKey key) { return contains(wanted_categories_, key); })) {
    return DropReason::category;
  }
  if (named_.may_contain(item)) {
    if (const DropReason reason = named_reason(item); reason != DropReason::none) return reason;
  }
  if (attributes.creator != 0 && contains(disliked_creators_, attributes.creator))
    return DropReason::disliked_creator;
  for (const NameKey category : attributes.categories) {
    // An item of the category that was asked for is wanted all the same.
    if (contains(disliked_categories_, category) && !contains(wanted_categories_, category))
      return DropReason::disliked_category;
  }
  return DropReason::none;
}

Filtered filter(const RequestFilter& rules, Candidates candidates) {
  Filtered result;
  std::array<std::uint64_t, kDropReasons> dropped{};
  std::size_t kept = 0;
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i + kAhead < candidates.size()) rules.prefetch(candidates.items[i + kAhead]);
    const DropReason reason = rules.reason_to_drop(candidates.items[i]);
    if (reason != DropReason::none) {
      ++dropped[static_cast<std::size_t>(reason)];
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
  for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
    if (dropped[reason] > 0) result.dropped.emplace(kReasonNames[reason], dropped[reason]);
  }
  result.kept = std::move(candidates);
  return result;
}

}  // namespace winnow
