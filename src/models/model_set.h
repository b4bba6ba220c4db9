// The models of one training, all of one vocabulary: what a bundle holds, a server answers from and the
// training job judges.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "models/als/als.h"
#include "models/graph/graph.h"
#include "models/item_to_item/item_to_item.h"
#include "models/item_vectors/item_vectors.h"
#include "models/popularity/popularity.h"
#include "models/two_tower/two_tower.h"

namespace winnow {

struct ModelSet {
  AlsModel als;
  ItemToItemModel item_to_item;
  PopularityModel popularity;
  // Only those that the training was asked for.
  std::optional<ItemVectorsModel> spectral = {};
  std::optional<ItemVectorsModel> graph = {};
  std::optional<TwoTowerModel> two_tower = {};

  // All of it as one string.
  std::string encode() const;
  static Result<ModelSet> decode(std::string_view bytes);
};

// The optional ones, by name: "spectral", ...
std::vector<std::string> extra_model_names();

template <class Model>
struct Named {
  std::string_view name;  // of its source, and of its weight in the blend
  const Model* model = nullptr;
};

// Those that the set holds, always in the same order. They do not outlive the set.
std::vector<Named<ScoringModel>> scoring_models(const ModelSet& set);
std::vector<Named<VectorModel>> vector_models(const ModelSet& set);

// One binary part for each model that the set holds: its name ("als", ..., "popularity") and its bytes.
std::vector<std::pair<std::string, std::string>> encode_models(const ModelSet& set);

// part: the bytes of a part; none when there is no such part. Errors: those of `part` and of the decoders;
// corrupt when a model that every set holds is missing, or the models differ in their number of items.
Result<ModelSet> decode_models(
    const std::function<Result<std::optional<std::string>>(std::string_view part)>& part);

// True when no parameter of any model is infinite or not a number.
bool all_finite(const ModelSet& set);

}  // namespace winnow
