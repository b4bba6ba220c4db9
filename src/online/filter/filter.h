// filter: which candidates may not be shown, and why. Every drop keeps its reason.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stages/candidates.h"
#include "stages/item_sieve.h"
#include "stages/request_context.h"

namespace winnow {

struct FilterOptions {
  bool seen = true;                   // what the user has viewed, clicked, watched, rated, ... within the TTL
  bool impressions_are_seen = false;  // what was only shown counts as seen too
  TimestampMs seen_ttl_ms = 90 * kDayMs;
  bool purchased = true;
  bool hidden = true;  // hidden or disliked, with no TTL
  bool region = true;
  bool disliked_groups = true;       // creators and categories that the user dislikes
  double dislike_min_negatives = 3;  // decayed negatives needed...
  double dislike_min_share = 0.75;   // ...and their share among all signals of the group
};

// Why an item may not be shown, in order of precedence.
enum class DropReason : std::uint8_t {
  none,  // it may
  unavailable,
  region,
  category,  // the request asks for others
  excluded,  // by the request
  shown,     // on an earlier page
  hidden,
  purchased,
  seen,
  disliked_creator,
  disliked_category,
};
inline constexpr std::size_t kDropReasons = 11;

std::string_view name_of(DropReason reason);  // as it is written above

// The rules of one request, prepared once.
class RequestFilter final {
 public:
  // excluded, shown: ascending item indexes. The context outlives the filter.
  RequestFilter(const FilterOptions& options, const RequestContext& context, std::vector<ItemIndex> excluded,
                std::vector<ItemIndex> shown);

  // O(categories) for nearly all items that the user and the request have not named, O(log seen) more for
  // those.
  DropReason reason_to_drop(ItemIndex item) const;
  // Fetches ahead what that will read.
  void prefetch(ItemIndex item) const { context_.items->prefetch(item); }

  // What this user or request said something of: retrieval fetches so many more.
  const ItemSieve& named() const { return named_; }

 private:
  DropReason named_reason(ItemIndex item) const;
  DropReason seen_reason(std::span<const SeenItem> seen, ItemIndex item) const;

  FilterOptions options_;
  const RequestContext& context_;
  std::vector<ItemIndex> excluded_;
  std::vector<ItemIndex> shown_;
  std::vector<NameKey> wanted_categories_;
  std::vector<NameKey> disliked_creators_;
  std::vector<NameKey> disliked_categories_;
  ItemSieve named_;
};

Filtered filter(const RequestFilter& rules, Candidates candidates);

}  // namespace winnow
