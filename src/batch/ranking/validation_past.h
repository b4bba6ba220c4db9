// The past of a training's validation part, for its ranker: the events of the log again, as the stream met
// them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "batch/dataset/dataset.h"
#include "batch/dataset/parts.h"
#include "batch/extract/event_columns.h"
#include "batch/ranking/moments.h"
#include "catalog/catalog.h"
#include "domain/feedback.h"

namespace winnow {

// By item_ids. One pass over the catalogue.
Result<TraitColumns> trait_columns(const Catalog& catalog, const std::vector<std::string>& item_ids);

// Known is what lies before a user's validation pairs, or before all of them where the cut is one moment;
// later is what lies between that and the test part, which stays unseen. events: as the data were made from.
// traits: of the data's items; outlives the value. O(events).
Past validation_past(const EventColumns& events, const Dataset& data, const Parts& parts,
                     const FeedbackPolicy& feedback, const TraitColumns& traits,
                     const ReplayOptions& options);

}  // namespace winnow
