// The list behind feature_definitions(), and the code of every feature. Private to the schema.
#pragma once

#include <vector>

#include "features/feature_schema.h"

namespace winnow {

std::vector<FeatureDefinition> make_feature_definitions();

}  // namespace winnow
