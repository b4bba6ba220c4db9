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
  std::string_view code;
  std::string_view unspecific;  // where no item of the history can be named
  std::string_view because;     // followed by that item's title
};

// because: the item to name; kNoItem for none.
Reason history_reason(const ReasonWords& words, ItemIndex because, const RequestContext& context);

// Of `rows` the one that is most like `item_row`, itself excepted: likeness(row) is largest, and above 0.
// Vocabulary::kNoRow when there is none. O(rows * likeness).
template <std::ranges::input_range Rows, class Likeness>
std::uint32_t most_alike(const Rows& rows, std::uint32_t item_row, const Likeness& likeness) {
  std::uint32_t nearest = Vocabulary::kNoRow;
  float best = 0;
  for (const std::uint32_t other : rows) {
    if (other == item_row) continue;
    const float value = likeness(other);
    if (value <= best) continue;
    best = value;
    nearest = other;
  }
  return nearest;
}

}  // namespace winnow
