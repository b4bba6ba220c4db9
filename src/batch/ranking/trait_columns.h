// The traits of items by row, with the lists that they point to.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/item.h"

namespace winnow {

class TraitColumns {
 public:
  // Rows between that were never set say nothing. Invalidates what of() returned.
  void set(std::uint32_t row, const Item& item) {
    if (row >= rows_.size()) rows_.resize(std::size_t{row} + 1);
    Row& at = rows_[row];
    at.categories.clear();
    for (const std::string& category : item.categories) at.categories.push_back(name_key(category));
    at.creator = item.creator.empty() ? 0 : name_key(item.creator);
    at.created_ms = item.created_ms;
    at.duration_s = static_cast<float>(item.duration_s);
  }

  ItemTraits of(std::uint32_t row) const {
    if (row >= rows_.size()) return {};
    const Row& at = rows_[row];
    return {at.categories, at.creator, at.created_ms, at.duration_s};
  }

 private:
  struct Row {
    std::vector<NameKey> categories;
    NameKey creator = 0;
    TimestampMs created_ms = 0;
    float duration_s = 0;
  };
  std::vector<Row> rows_;
};

}  // namespace winnow
