// What the item tower reads of an item besides its id: its categories, tags and creator, hashed. Words are
// left to the content model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/content/item_terms.h"
#include "models/two_tower/sequences.h"

namespace winnow {

inline constexpr std::uint32_t kItemBuckets = 16'384;  // of a model that is trained with features

// feature_bucket()s below `buckets`, which is > 0.
std::vector<std::uint32_t> item_features(std::span<const ItemTerm> terms, std::uint32_t buckets);

// The features of every item; no buckets where no item has any.
FeatureBags item_feature_bags(const ItemTerms& terms);

}  // namespace winnow
