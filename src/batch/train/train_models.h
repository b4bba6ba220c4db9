// The models of a bundle, trained on one set of interactions.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "models/als/als.h"
#include "models/interactions.h"
#include "models/item_to_item/item_to_item.h"
#include "models/popularity/popularity.h"

namespace winnow {

struct ModelOptions {
  AlsOptions als;
  ItemToItemOptions item_to_item;
  PopularityOptions popularity;
};

struct TrainedModels {
  AlsModel als;
  ItemToItemModel item_to_item;
  PopularityModel popularity;

  std::string encode() const;
  static Result<TrainedModels> decode(std::string_view bytes);
};

// Errors: those of each model's training; unavailable when `progress` stops it.
Result<TrainedModels> train_models(const Interactions& data, const ModelOptions& options,
                                   const TrainProgress& progress = {});

// True when no parameter of any model is infinite or not a number.
bool all_finite(const TrainedModels& models);

}  // namespace winnow
