#include "models/two_tower/tower_features.h"

#include "models/two_tower/actions.h"

namespace winnow {

std::vector<std::uint32_t> item_features(std::span<const ItemTerm> terms, std::uint32_t buckets) {
  std::vector<std::uint32_t> out;
  for (const ItemTerm& term : terms) {
    if (term.kind != TermKind::word) out.push_back(feature_bucket(term.key, buckets));
  }
  return out;
}

std::vector<std::uint32_t> profile_features(std::span<const std::uint64_t> facts, std::uint32_t buckets) {
  std::vector<std::uint32_t> out;
  for (const std::uint64_t fact : facts) out.push_back(feature_bucket(fact, buckets));
  return out;
}

FeatureBags item_feature_bags(const ItemTerms& terms) {
  FeatureBags out;
  out.buckets = kItemBuckets;
  for (std::uint32_t item = 0; item < terms.items(); ++item)
    out.add(item_features(terms[item], kItemBuckets));
  return out.features.empty() ? FeatureBags{} : out;
}

}  // namespace winnow
