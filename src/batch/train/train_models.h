// The models of a bundle, trained on one set of interactions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/als/als.h"
#include "models/interactions.h"
#include "models/item_to_item/item_to_item.h"
#include "models/popularity/popularity.h"
#include "models/scoring_model.h"

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

// The models in the order of a bundle's blend weights (BlendWeights' defaults).
inline std::vector<const ScoringModel*> sources_of(const AlsModel& als, const ItemToItemModel& item_to_item,
                                                   const PopularityModel& popularity) {
  return {&als, &item_to_item, &popularity};
}

// Errors: those of each model's training; unavailable when `progress` stops it.
Result<TrainedModels> train_models(const Interactions& data, const ModelOptions& options,
                                   const TrainProgress& progress = {});

// True when no parameter of any model is infinite or not a number.
bool all_finite(const TrainedModels& models);

}  // namespace winnow
