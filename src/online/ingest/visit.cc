#include "online/ingest/visit.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace winnow {

namespace {

bool holds(std::span<const ItemIndex> items, ItemIndex item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace

std::optional<Visit> visit_of(const UserState& before, const ResolvedEvent& event) {
  if (!(event.weight > 0)) return std::nullopt;
  Visit visit;
  visit.item = event.item;
  visit.time_ms = event.time_ms;
  std::array<ItemIndex, UserState::kHistory> disliked;
  std::size_t dislikes = 0;
  std::size_t history = 1;  // with this event
  for (auto entry = before.history.rbegin(); entry != before.history.rend(); ++entry) {
    if (!(entry->weight > 0)) {
      if (dislikes < disliked.size()) disliked[dislikes++] = entry->item;
      continue;
    }
    if (entry->item == event.item) return std::nullopt;
    ++history;
    if (visit.window < Visit::kWindow && !holds(visit.companions(), entry->item) &&
        !holds(std::span(disliked).first(dislikes), entry->item)) {
      visit.before[visit.window++] = entry->item;
    }
  }
  visit.share = 1 / std::sqrt(static_cast<float>(history));
  return visit;
}

}  // namespace winnow
