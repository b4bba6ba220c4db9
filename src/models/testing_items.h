// A small catalogue for tests of candidate sources.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/item_table.h"

namespace winnow {

// Adds items "0", "1", ... with the titles "Title 0", "Title 1", ...; an item's index is its number.
inline void add_titled_items(ItemTable& table, std::uint32_t count) {
  std::vector<ItemTable::Change> changes;
  for (std::uint32_t i = 0; i < count; ++i) {
    Item item;
    item.id = std::to_string(i);
    item.title = "Title " + item.id;
    changes.push_back({ItemIndex{i}, item.id, item});
  }
  table.apply(changes);
}

}  // namespace winnow
