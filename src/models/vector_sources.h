// Models of vectors as candidate sources: the user becomes a vector at request time, from the freshest
// history, and the nearest items by inner product are the candidates.
//
// Models, index and vocabulary outlive a source; index: of the model's item vectors, or null for an exact
// search.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/published.h"
#include "index/vector_index.h"
#include "models/two_tower/new_items.h"
#include "models/two_tower/two_tower.h"
#include "models/vector_model.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

// A model that reads a history as weighed items, in no order. decay_per_day: of the weights, as in training.
std::unique_ptr<CandidateSource> history_source(std::string_view name, const VectorModel& model,
                                                const VectorIndex* index, const Vocabulary& vocabulary,
                                                double decay_per_day);

// The two-tower model reads every action in its order. new_items, which outlive the source, are searched
// too as long as what is published of them belongs to the model.
std::unique_ptr<CandidateSource> two_tower_source(const TwoTowerModel& model, const VectorIndex* index,
                                                  const Vocabulary& vocabulary,
                                                  const Published<NewItems>& new_items);

// What the tower reads of a user's history: what speaks for an item, each item once at its newest such
// action, oldest first. An item whose newest judgement is negative is left out, and so are items that the
// model does not know. O(history).
std::vector<TowerAction> tower_actions(const UserContext& user, const Vocabulary& vocabulary);

}  // namespace winnow
