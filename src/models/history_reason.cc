#include "models/history_reason.h"

#include <fmt/format.h>

namespace winnow {

Reason history_reason(const ReasonWords& words, ItemIndex because, const RequestContext& context) {
  // A history, or a source, may know an item that came after this request's items were pinned.
  const bool can_be_named = because != kNoItem && row(because) < context.items->size();
  if (!can_be_named) return {words.code, std::string(words.unspecific), ""};
  const ItemView view = context.items->view(because);
  const std::string_view name = view.title.empty() ? view.id : view.title;
  return {words.code, fmt::format("{}{}", words.because, name), std::string(view.id)};
}

}  // namespace winnow
