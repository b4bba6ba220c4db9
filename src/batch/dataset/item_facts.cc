#include "batch/dataset/item_facts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "batch/extract/extract.h"
#include "features/profile_facts.h"
#include "models/two_tower/tower_features.h"

namespace winnow {

namespace {

// Calls each(row in item_ids, item) for every item of the catalogue that is among them.
template <class Each>
Status for_each_listed(const Catalog& catalog, const std::vector<std::string>& item_ids, const Each& each) {
  std::unordered_map<std::string_view, std::size_t, StringHash> row_of;
  row_of.reserve(item_ids.size());
  for (const std::string& id : item_ids) row_of.emplace(id, row_of.size());
  return catalog.for_each_item([&](ItemIndex, const Item& item) -> Status {
    if (const auto found = row_of.find(item.id); found != row_of.end()) each(found->second, item);
    return {};
  });
}

// No buckets where no row has any feature.
FeatureBags bags_of(const std::vector<std::vector<std::uint32_t>>& by_row, std::uint32_t buckets) {
  FeatureBags out;
  out.buckets = buckets;
  for (const std::vector<std::uint32_t>& bag : by_row) out.add(bag);
  return out.features.empty() ? FeatureBags{} : out;
}

}  // namespace

Result<ItemFacts> item_facts(const Catalog& catalog, const std::vector<std::string>& item_ids) {
  ItemFacts facts;
  facts.durations_s.resize(item_ids.size());
  facts.categories.resize(item_ids.size());
  std::unordered_map<NameKey, std::uint32_t> number_of;
  WINNOW_RETURN_IF_ERROR(for_each_listed(catalog, item_ids, [&](std::size_t row, const Item& item) {
    facts.durations_s[row] = item.duration_s;
    std::vector<std::uint32_t>& numbers = facts.categories[row];
    for (const std::string& category : item.categories) {
      const auto next = static_cast<std::uint32_t>(number_of.size());
      numbers.push_back(number_of.emplace(name_key(category), next).first->second);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }));
  return facts;
}

Result<FeatureBags> profile_bags(const Catalog& catalog, const RowMap& users) {
  constexpr std::size_t kPage = 1000;
  std::vector<std::vector<std::uint32_t>> by_row(users.size());
  std::string after;
  do {
    WINNOW_TRY(CatalogPage<User> page, catalog.users(after, kPage));
    for (const User& user : page.entries) {
      if (const auto row = users.find(identity_of(user.id))) {
        by_row[*row] = profile_features(profile_facts(user), kProfileBuckets);
      }
    }
    after = std::move(page.next_after);
  } while (!after.empty());
  return bags_of(by_row, kProfileBuckets);
}

Result<FeatureBags> item_feature_bags(const Catalog& catalog, const std::vector<std::string>& item_ids) {
  std::vector<std::vector<std::uint32_t>> by_row(item_ids.size());
  WINNOW_RETURN_IF_ERROR(for_each_listed(catalog, item_ids, [&](std::size_t row, const Item& item) {
    by_row[row] = item_features(terms_of(item), kItemBuckets);
  }));
  return bags_of(by_row, kItemBuckets);
}

}  // namespace winnow
