#include <algorithm>
#include <cmath>
#include <utility>

#include "models/item_to_item/item_to_item.h"
#include "models/item_to_item/kept_neighbours.h"
#include "models/option_range.h"

namespace winnow {
namespace {

Status check_options(const ItemToItemOptions& options) {
  return first_error(
      {in_range("item_to_item.neighbours", options.neighbours, 1, 10'000),
       in_range("item_to_item.shrinkage", options.shrinkage, 0, 1e9f),
       in_range("item_to_item.popularity_exponent", options.popularity_exponent, 0, 1),
       in_range("item_to_item.user_exponent", options.user_exponent, 0, 2),
       in_range("item_to_item.wilson_z", options.wilson_z, 0, 10),
       in_range("item_to_item.history_half_life_days", options.history_half_life_days, 0, 1e6f)});
}

// What `sum` is at least, of a most of `most` > 0, z standard deviations down (Wilson 1927).
float wilson_lower_bound(float sum, float most, float z) {
  const float share = std::min(1.0f, sum / most);
  const float spread = z * z / most;
  const float below = z * std::sqrt((share * (1 - share) + spread / 4) / most);
  return most * std::max(0.0f, (share + spread / 2 - below) / (1 + spread));
}

// How often a progress callback is asked, in items.
constexpr std::uint32_t kProgressStride = 1024;

}  // namespace

Result<ItemToItemModel> train_item_to_item(const Interactions& data, const ItemToItemOptions& options,
                                           const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  // x = sqrt(weight), so that a pair's contribution is linear in weight and the norm is the item's weighted
  // frequency.
  std::vector<float> strength(data.size());
  std::transform(data.weight.begin(), data.weight.end(), strength.begin(),
                 [](float w) { return std::sqrt(w); });
  std::vector<float> user_factor(data.users);
  for (std::uint32_t user = 0; user < data.users; ++user) {
    user_factor[user] = std::pow(static_cast<float>(data.items_of(user).size()), -options.user_exponent);
  }
  const Interactions by_item = data.transposed();
  std::vector<float> norm(data.items);
  std::vector<float> root_most(data.items);  // sqrt(V_i)
  for (std::uint32_t item = 0; item < data.items; ++item) {
    const auto users = by_item.items_of(item);
    const auto weights = by_item.weights_of(item);
    float frequency = 0;
    float most = 0;
    for (std::size_t k = 0; k < users.size(); ++k) {
      frequency += weights[k];
      most += weights[k] * user_factor[users[k]];
    }
    norm[item] = std::pow(frequency, options.popularity_exponent);
    root_most[item] = std::sqrt(most);
  }

  KeptNeighbours kept;
  std::vector<float> together(
      data.items);  // co-occurrence of the present item with every other; zero in between
  std::vector<std::uint32_t> touched;
  std::vector<ScoredRow> found;
  for (std::uint32_t item = 0; item < data.items; ++item) {
    const auto users = by_item.items_of(item);
    const auto weights = by_item.weights_of(item);
    for (std::size_t k = 0; k < users.size(); ++k) {
      const std::uint32_t user = users[k];
      const float factor = std::sqrt(weights[k]) * user_factor[user];
      for (std::uint64_t at = data.offsets[user]; at < data.offsets[user + 1]; ++at) {
        float& sum = together[data.item[at]];
        if (sum == 0) touched.push_back(data.item[at]);
        sum += factor * strength[at];
      }
    }
    found.clear();
    for (const std::uint32_t other : touched) {
      const float sum =
          options.wilson_z == 0
              ? together[other]
              : wilson_lower_bound(together[other], root_most[item] * root_most[other], options.wilson_z);
      const float score = sum / (norm[item] * norm[other] + options.shrinkage);
      if (other != item && score > 0 && std::isfinite(score)) found.push_back({other, score});
      together[other] = 0;
    }
    touched.clear();
    kept.add(found, options.neighbours);
    if (progress && (item + 1) % kProgressStride == 0 && !progress(item + 1, data.items)) break;
  }
  if (progress) progress(data.items, data.items);
  return std::move(kept).model(options, data.items);
}

}  // namespace winnow
