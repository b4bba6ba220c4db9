// A small bundle for tests, the same for the same seed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "registry/model_registry.h"

namespace winnow {

inline ModelBundle testing_bundle(std::uint64_t seed, std::uint32_t items = 20) {
  Random random(seed);
  const AlsOptions als{.dims = 16};
  std::vector<float> factors(std::size_t{items} * als.dims);
  for (float& factor : factors) factor = static_cast<float>(random.normal());

  std::vector<std::uint64_t> offsets{0};
  std::vector<ScoredRow> neighbours;
  for (std::uint32_t item = 0; item < items; ++item) {
    neighbours.push_back({(item + 1) % items, static_cast<float>(1 + random.uniform())});
    neighbours.push_back({(item + 2) % items, static_cast<float>(random.uniform())});
    offsets.push_back(neighbours.size());
  }
  std::vector<float> popularity(items);
  std::vector<std::string> ids;
  for (std::uint32_t item = 0; item < items; ++item) {
    popularity[item] = static_cast<float>(random.below(1000));
    ids.push_back("item-" + std::to_string(item));
  }
  return ModelBundle{
      .version = {},
      .created_ms = 1'795'251'093'000 + static_cast<TimestampMs>(seed) * 1000,
      .trained_to = 1000 + seed,
      .item_ids = std::move(ids),
      .models = {.als = AlsModel(items, als, std::move(factors)),
                 .item_to_item = ItemToItemModel({}, std::move(offsets), std::move(neighbours)),
                 .popularity = PopularityModel({}, std::move(popularity))},
      .blend = {},
      .metrics = {{"blend.ndcg@10", 0.1 + 0.001 * static_cast<double>(seed)}},
      .statistics = {{"events", 100.0}}};
}

}  // namespace winnow
