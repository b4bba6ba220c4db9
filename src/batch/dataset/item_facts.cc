#include "batch/dataset/item_facts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"

namespace winnow {

Result<ItemFacts> item_facts(const Catalog& catalog, const std::vector<std::string>& item_ids) {
  std::unordered_map<std::string_view, std::size_t, StringHash> row_of;
  row_of.reserve(item_ids.size());
  for (const std::string& id : item_ids) row_of.emplace(id, row_of.size());

  ItemFacts facts;
  facts.durations_s.resize(item_ids.size());
  facts.categories.resize(item_ids.size());
  std::unordered_map<NameKey, std::uint32_t> number_of;
  WINNOW_RETURN_IF_ERROR(catalog.for_each_item([&](ItemIndex, const Item& item) -> Status {
    const auto found = row_of.find(item.id);
    if (found == row_of.end()) return {};
    facts.durations_s[found->second] = item.duration_s;
    std::vector<std::uint32_t>& numbers = facts.categories[found->second];
    for (const std::string& category : item.categories) {
      const auto next = static_cast<std::uint32_t>(number_of.size());
      numbers.push_back(number_of.emplace(name_key(category), next).first->second);
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return {};
  }));
  return facts;
}

}  // namespace winnow
