// A user's history as trained models read it: what speaks for an item, one entry an item, weights decayed.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "models/interactions.h"
#include "models/vocabulary.h"
#include "stages/request_context.h"

namespace winnow {

struct RowInteraction {
  std::uint32_t row = 0;
  const Interaction* interaction = nullptr;
};

// Several events with one item add up; an item whose newest signal is negative is left out. A weight keeps
// its decayed_share (domain/feedback.h), age counted back from `as_of_ms`, as in training. known: oldest
// first. In order of row. O(history log history).
std::vector<HistoryEntry> weighed_history(std::vector<RowInteraction> known, double decay_per_day,
                                          TimestampMs as_of_ms);

// In the rows of row_of(item), which says Vocabulary::kNoRow for what is to be left out.
template <class RowOf>
std::vector<HistoryEntry> history_by_row(std::span<const Interaction> history, const RowOf& row_of,
                                         double decay_per_day, TimestampMs as_of_ms) {
  std::vector<RowInteraction> known;
  known.reserve(history.size());
  for (const Interaction& interaction : history) {
    const std::uint32_t item_row = row_of(interaction.item);
    if (item_row != Vocabulary::kNoRow) known.push_back({item_row, &interaction});
  }
  return weighed_history(std::move(known), decay_per_day, as_of_ms);
}

// In the rows of a model: items that it does not know are left out.
inline std::vector<HistoryEntry> model_history(const UserContext& user, const Vocabulary& vocabulary,
                                               double decay_per_day, TimestampMs as_of_ms) {
  return history_by_row(
      user.history, [&](ItemIndex item) { return vocabulary.model_row(item); }, decay_per_day, as_of_ms);
}

// Of the items that the model does not know; an entry's item is the catalogue's index.
inline std::vector<HistoryEntry> unknown_history(const UserContext& user, const Vocabulary& vocabulary,
                                                 double decay_per_day, TimestampMs as_of_ms) {
  const auto row_of = [&](ItemIndex item) {
    return vocabulary.model_row(item) == Vocabulary::kNoRow ? row(item) : Vocabulary::kNoRow;
  };
  return history_by_row(user.history, row_of, decay_per_day, as_of_ms);
}

}  // namespace winnow
