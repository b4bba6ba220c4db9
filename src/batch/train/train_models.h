// The models of a bundle, trained on one set of interactions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/als/als.h"
#include "models/graph/graph.h"
#include "models/graph/spectral.h"
#include "models/interactions.h"
#include "models/item_to_item/item_to_item.h"
#include "models/model_set.h"
#include "models/popularity/popularity.h"
#include "models/two_tower/sequences.h"
#include "models/two_tower/train_two_tower.h"

namespace winnow {

struct ModelOptions {
  AlsOptions als;
  ItemToItemOptions item_to_item;
  PopularityOptions popularity;
  std::vector<std::string> extra;  // of extra_model_names(): trained beside the three above
  SpectralOptions spectral;
  GraphOptions graph;
  TwoTowerOptions two_tower;
  std::filesystem::path trainer;  // the program that trains two_tower; empty: beside this one
};

// What models are trained on.
struct TrainingData {
  const Interactions& pairs;
  // Read by two_tower alone.
  const FeatureBags& item_features;  // rows: the pairs' items
  const FeatureBags& profiles;       // rows: the pairs' users
};

// Errors: those of each model's training; unavailable when `progress` stops it; not_found when two_tower is
// asked for and its trainer is not installed.
Result<ModelSet> train_models(const TrainingData& data, const ModelOptions& options,
                              const TrainProgress& progress = {});

}  // namespace winnow
