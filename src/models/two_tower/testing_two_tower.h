// A random two-tower model for tests: all parts in use, numbers of the size that training leaves.
#pragma once

#include <vector>

#include "base/random.h"
#include "models/two_tower/two_tower.h"

namespace winnow {

inline TwoTowerWeights random_two_tower(const TwoTowerShape& shape, std::uint64_t seed) {
  Random random(seed);
  const auto normal = [&](std::size_t size, double spread, double middle = 0) {
    std::vector<float> out(size);
    for (float& value : out) value = static_cast<float>(middle + spread * random.normal());
    return out;
  };
  const std::size_t d = shape.dims;
  const std::size_t featured = shape.item_buckets > 0 ? 1 : 0;
  TwoTowerWeights out;
  out.shape = shape;
  out.item_vectors = normal(shape.items * d, 0.3);
  out.kinds = normal(kActionKinds * d, 0.1);
  out.gaps = normal(kGapBuckets * d, 0.1);
  out.profile_embeddings = normal(shape.profile_buckets * d, 0.1);
  for (std::uint32_t l = 0; l < shape.layers; ++l) {
    TowerLayerWeights layer;
    layer.attention_gain = normal(d, 0.1, 1);
    layer.attention_bias = normal(d, 0.1);
    layer.project = normal(3 * d * d, 0.1);
    layer.project_bias = normal(3 * d, 0.1);
    layer.distance_bias = normal(std::size_t{shape.heads} * shape.length, 0.5);
    layer.merge = normal(d * d, 0.1);
    layer.merge_bias = normal(d, 0.1);
    layer.inner_gain = normal(d, 0.1, 1);
    layer.inner_bias = normal(d, 0.1);
    layer.widen = normal(d * shape.inner, 0.1);
    layer.widen_bias = normal(shape.inner, 0.1);
    layer.narrow = normal(shape.inner * d, 0.1);
    layer.narrow_bias = normal(d, 0.1);
    out.layers.push_back(std::move(layer));
  }
  out.last_gain = normal(d, 0.1, 1);
  out.last_bias = normal(d, 0.1);
  out.feature_embeddings = normal(shape.item_buckets * d, 0.3);
  out.feature_widen = normal(featured * d * d, 0.1);
  out.feature_widen_bias = normal(featured * d, 0.1);
  out.feature_narrow = normal(featured * d * d, 0.1);
  out.feature_narrow_bias = normal(featured * d, 0.1);
  return out;
}

inline std::vector<TowerAction> random_actions(const TwoTowerShape& shape, std::size_t count,
                                               Random& random) {
  std::vector<TowerAction> out;
  TimestampMs time_ms = 1'700'000'000'000;
  for (std::size_t k = 0; k < count; ++k) {
    time_ms += random.below(3 * kDayMs);
    out.push_back(
        {random.below(shape.items), static_cast<std::uint8_t>(random.below(kActionKinds)), time_ms});
  }
  return out;
}

}  // namespace winnow
