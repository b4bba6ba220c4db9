// The reason that names an item of the user's own history.
#pragma once

#include <ranges>
#include <string>
#include <string_view>

#include "models/vocabulary.h"
#include "stages/request_context.h"

namespace winnow {

// How a source speaks: {"taste", "Fits your taste", "Fits your taste for "}.
struct ReasonWords {
  std::string_view kind;
  std::string_view unspecific;  // where no item of the history can be named
  std::string_view because;     // followed by that item's title
};

// because: the item to name; kNoItem for none.
Reason history_reason(const ReasonWords& words, ItemIndex because, const RequestContext& context);

// The catalogue's item of the row that is most like `model_row`, itself excepted: likeness(row) is largest,
// and above 0. kNoItem when there is none. rows: model rows. O(rows * likeness).
template <std::ranges::input_range Rows, class Likeness>
ItemIndex most_alike(const Rows& rows, std::uint32_t model_row, const Vocabulary& vocabulary,
                     const Likeness& likeness) {
  ItemIndex nearest = kNoItem;
  float best = 0;
  for (const std::uint32_t other : rows) {
    if (other == model_row) continue;
    const float value = likeness(other);
    if (value <= best) continue;
    best = value;
    nearest = vocabulary.item(other);
  }
  return nearest;
}

}  // namespace winnow
