// What the creators that a user follows have made, newest first.
//
// Nothing is trained: an item is found as soon as it stands in the catalogue, and a follow counts with the
// next request.
#pragma once

#include <memory>
#include <string_view>

#include "catalog/item_table.h"
#include "stages/candidate_source.h"

namespace winnow {

class SubscriptionsSource final : public CandidateSource {
 public:
  // The table outlives the source.
  explicit SubscriptionsSource(const ItemTable& table) : table_(table) {}

  std::string_view name() const override { return "subscriptions"; }
  // O(creators followed x items looked at of each).
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  const ItemTable& table_;
};

}  // namespace winnow
