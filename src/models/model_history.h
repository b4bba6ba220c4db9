// A user's history as trained models read it: what speaks for an item, one entry an item, weights decayed.
#pragma once

#include <vector>

#include "models/interactions.h"
#include "models/vocabulary.h"
#include "stages/request_context.h"

namespace winnow {

// Items that the model does not know are left out; several events with one item add up; an item whose newest
// signal is negative is left out. A weight keeps its decayed_share (domain/feedback.h), age counted back from
// `as_of_ms`, as in training. In order of row. O(history log history).
std::vector<HistoryEntry> model_history(const UserContext& user, const Vocabulary& vocabulary,
                                        double decay_per_day, TimestampMs as_of_ms);

// The same of the items that the model does not know; an entry's item is the catalogue's index.
std::vector<HistoryEntry> unknown_history(const UserContext& user, const Vocabulary& vocabulary,
                                          double decay_per_day, TimestampMs as_of_ms);

}  // namespace winnow
