#include "models/history_reason.h"

namespace winnow {

Reason history_reason(const ReasonWords& words, ItemIndex because, const RequestContext& context) {
  if (because == kNoItem) return {std::string(words.kind), std::string(words.unspecific), ""};
  const ItemView view = context.items->view(because);
  const std::string_view name = view.title.empty() ? view.id : view.title;
  return {std::string(words.kind), std::string(words.because) + std::string(name), std::string(view.id)};
}

}  // namespace winnow
