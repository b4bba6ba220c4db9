// Vocabulary: the rows of a trained model beside the dense item indexes of the running catalogue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "catalog/item_table.h"
#include "features/user_state.h"
#include "math/aligned.h"
#include "models/interactions.h"

namespace winnow {

class Vocabulary final {
 public:
  static constexpr std::uint32_t kNoRow = 0xFFFFFFFFu;

  // item_ids: external id of each model row. Rows whose item left the catalogue map to kNoItem.
  Vocabulary(const std::vector<std::string>& item_ids, const ItemTable& table) {
    item_of_row_.reserve(item_ids.size());
    for (const std::string& id : item_ids) {
      const ItemIndex item = table.find(id);
      const auto model_row = static_cast<std::uint32_t>(item_of_row_.size());
      item_of_row_.push_back(item);
      if (item == kNoItem) continue;
      if (row(item) >= row_of_item_.size()) row_of_item_.resize(std::size_t{row(item)} + 1, kNoRow);
      row_of_item_[row(item)] = model_row;
    }
  }

  std::uint32_t rows() const { return static_cast<std::uint32_t>(item_of_row_.size()); }
  ItemIndex item(std::uint32_t model_row) const { return item_of_row_[model_row]; }
  // kNoRow for an item that the model does not know.
  std::uint32_t model_row(ItemIndex item) const {
    return row(item) < row_of_item_.size() ? row_of_item_[row(item)] : kNoRow;
  }

 private:
  HugeVector<ItemIndex> item_of_row_;
  HugeVector<std::uint32_t> row_of_item_;
};

}  // namespace winnow
