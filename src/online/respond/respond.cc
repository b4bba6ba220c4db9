#include "online/respond/respond.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"

namespace winnow {

namespace {

constexpr std::array<std::string_view, 12> kMostTellingFirst = {
    "subscriptions", "item_to_item", "two_tower", "als",     "graph",    "spectral",
    "content",       "category",     "country",   "popular", "trending", "new"};

// The model's sources, the most telling first.
std::vector<std::size_t> telling_order(const ServingModel& model) {
  std::vector<std::size_t> order;
  order.reserve(kMostTellingFirst.size());
  for (const std::string_view name : kMostTellingFirst) {
    const std::size_t s = model.source_index(name);
    if (s < model.sources().size()) order.push_back(s);
  }
  return order;
}

}  // namespace

std::vector<SlateItem> describe(const RequestContext& context, const ServingModel& model,
                                const Ranked& ranked, const PreparedSources& sources,
                                std::span<const Placement> placements) {
  const std::vector<std::size_t> most_telling_first = telling_order(model);
  const auto telling_source = [&](const Ranked::Entry& entry) {
    const auto teller = std::ranges::find_if(
        most_telling_first, [&](std::size_t s) { return (entry.proposed_by & (SourceMask{1} << s)) != 0; });
    return teller == most_telling_first.end() ? model.sources().size() : *teller;
  };
  // Texts lie all over memory, and so do the chunks that know where.
  const auto item_at = [&](const Placement& placement) { return ranked.entries[placement.entry].item; };
  for (const Placement& placement : placements) context.items->prefetch_chunk(item_at(placement));
  for (const Placement& placement : placements) context.items->prefetch_text(item_at(placement));
  std::vector<SlateItem> items;
  items.reserve(placements.size());
  for (const Placement& placement : placements) {
    const Ranked::Entry& entry = ranked.entries[placement.entry];
    SlateItem item;
    item.item_id = context.items->id(entry.item);
    item.score = entry.score;
    item.sources.reserve(static_cast<std::size_t>(std::popcount(entry.proposed_by)));
    for (std::size_t s = 0; s < sources.size(); ++s) {
      if (sources[s] != nullptr && (entry.proposed_by & (SourceMask{1} << s)) != 0) {
        item.sources.emplace_back(model.sources()[s]->name(), ranked.opinions.at(s, entry.column));
      }
    }
    const std::size_t teller =
        placement.reserved_for != Placement::kNotReserved ? placement.reserved_for : telling_source(entry);
    if (teller < sources.size() && sources[teller] != nullptr)
      item.reason = sources[teller]->explain(entry.item);
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<ItemIndex> editorial_items(const RequestContext& context, const RequestFilter& rules,
                                       const std::vector<ItemIndex>& taken, std::size_t count) {
  constexpr std::uint32_t kMostLookedAt = 10'000;
  std::vector<ItemIndex> found;
  const std::uint32_t size = context.items->size();
  for (std::uint32_t back = 1; back <= std::min(size, kMostLookedAt) && found.size() < count; ++back) {
    const ItemIndex item{size - back};
    const bool is_taken = std::binary_search(taken.begin(), taken.end(), item,
                                             [](ItemIndex a, ItemIndex b) { return row(a) < row(b); });
    if (!is_taken && rules.reason_to_drop(item) == DropReason::none) found.push_back(item);
  }
  return found;
}

std::string make_recommendation_id(const Query& query) {
  ByteWriter bytes;
  bytes.fixed(query.seed);
  bytes.fixed(query.now_ms);
  bytes.string(subject_of(query.user_id, query.session_id));
  const Hash128 h = hash128(bytes.bytes());
  return fmt::format("{:016x}{:016x}", h.high, h.low);
}

}  // namespace winnow
