// What training wants to know of items and users from the catalogue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "batch/extract/row_map.h"
#include "catalog/catalog.h"
#include "models/two_tower/sequences.h"

namespace winnow {

struct ItemFacts {
  std::vector<double> durations_s;  // 0 where unknown
  std::vector<std::vector<std::uint32_t>>
      categories;  // numbers in order of first appearance, ascending per item
};

// In the order of item_ids; an item that the catalogue lacks has no facts. One pass over the catalogue.
Result<ItemFacts> item_facts(const Catalog& catalog, const std::vector<std::string>& item_ids);

// What the user tower reads of each of `users` rows: identity_of(user id) -> row. One pass over the
// catalogue's users; no buckets where none has a profile.
Result<FeatureBags> profile_bags(const Catalog& catalog, const RowMap& users);

// What the item tower reads of each of item_ids. One pass over the catalogue.
Result<FeatureBags> item_feature_bags(const Catalog& catalog, const std::vector<std::string>& item_ids);

}  // namespace winnow
