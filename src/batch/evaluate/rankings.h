// Ranked lists of models for the users of a split: what metrics are taken of and blend weights learned from.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/evaluate/split.h"
#include "models/als/als.h"
#include "models/blend/blend.h"
#include "models/blend/candidates.h"
#include "models/blend/learn_blend.h"
#include "models/item_to_item/item_to_item.h"
#include "models/popularity/popularity.h"

namespace winnow {

enum class ModelName : std::uint8_t { popular = 0, item_to_item = 1, als = 2, blend = 3 };
inline constexpr std::size_t kModelNames = 4;

// "popular", "item_to_item", "als", "blend". Errors name the nearest.
std::string_view name_of(ModelName model);
Result<ModelName> model_named(std::string_view name);

// Trained models by reference. A model that is null has no opinion in the blend and no lists of its own.
struct ModelSet {
  const AlsModel* als = nullptr;
  const ItemToItemModel* item_to_item = nullptr;
  const PopularityModel* popularity = nullptr;
  BlendWeights weights;
};

// Calls `each` for every user with a test set, in order, with the best `length` items by `model`, masked ones
// left out. popular, item_to_item and als rank all items (item_to_item leaves out those it has no evidence
// for); blend ranks the candidates that a request would have (models/blend/candidates.h), by the same
// function.
using EachRanking = std::function<void(std::uint32_t user, std::span<const std::uint32_t> list)>;
void rank_users(const ModelSet& models, ModelName model, const EvaluationSplit& split, std::size_t length,
                const EachRanking& each);

// Mean NDCG@k over at most `limit` users with a test set, evenly spread over them; 0 when there is none.
double mean_ndcg(const ModelSet& models, ModelName model, const EvaluationSplit& split, std::size_t k,
                 std::size_t limit);

// The candidates of at most `limit` users with a test set, evenly spread over them, as examples for
// learn_blend.
std::vector<BlendExample> blend_examples(const ModelSet& models, const EvaluationSplit& split,
                                         std::size_t limit = 2000);

}  // namespace winnow
