// similar_items: what goes together with an item, best first.
#pragma once

#include <vector>

#include "base/ids.h"
#include "features/co_occurrence.h"
#include "features/trends.h"
#include "online/retrieve/serving_model.h"

namespace winnow {

// The trained model's neighbours and, among them by their score, those that only the event stream knows; then
// what else the stream has seen together with the item, scored no higher than what stands before. Each once,
// without the item itself, whether available or not. O(neighbours log neighbours).
std::vector<ScoredItem> similar_items(ItemIndex item, const ServingModel& model, const CoOccurrence& stream);

}  // namespace winnow
