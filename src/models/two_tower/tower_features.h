// What the towers read besides ids and actions: of an item its categories, tags and creator (words are left
// to the content model), of a user the facts of the profile. All are hashed into buckets.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/content/item_terms.h"
#include "models/two_tower/sequences.h"

namespace winnow {

// Of models that are trained with features of items, and with profiles.
inline constexpr std::uint32_t kItemBuckets = 16'384;
inline constexpr std::uint32_t kProfileBuckets = 4'096;

// feature_bucket()s below `buckets`, which is > 0.
std::vector<std::uint32_t> item_features(std::span<const ItemTerm> terms, std::uint32_t buckets);

// facts: of features/profile_facts.h. As above.
std::vector<std::uint32_t> profile_features(std::span<const std::uint64_t> facts, std::uint32_t buckets);

// The features of every item; no buckets where no item has any.
FeatureBags item_feature_bags(const ItemTerms& terms);

}  // namespace winnow
