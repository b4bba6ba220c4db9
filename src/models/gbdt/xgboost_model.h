// Reads models that XGBoost has saved, as JSON or UBJSON (its documentation: "Introduction to Model IO").
#pragma once

#include <string_view>

#include "base/result.h"
#include "models/gbdt/tree_model.h"

namespace winnow {

// bytes: a whole file, of XGBoost 1.6 or later. Boosted trees (gbtree) for objectives whose predictions are
// their margins, a logistic function of them or a softmax. corrupt when the bytes are no such document,
// unsupported for other boosters, objectives, categorical splits and leaves of several values.
Result<TreeModel> read_xgboost_model(std::string_view bytes);

}  // namespace winnow
