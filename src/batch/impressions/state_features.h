// The features of the schema (features/feature_schema.h) as of a moment of the log: of the user's state and
// profile, the items and their statistics.
//
// What sources think of the items is not known for the past; those features say nothing. Where the sources'
// opinions count, the features that were served (events/impression_log.h) have them.
#pragma once

#include "batch/impressions/build.h"
#include "catalog/catalog.h"
#include "features/feature_schema.h"

namespace winnow {

// The catalogue outlives the function. O(items x features) a moment, and one read of the user's profile.
MomentFeatures state_features(FeatureList features, const Catalog& catalog);

}  // namespace winnow
