#include "models/two_tower/two_tower.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "math/bfloat16.h"
#include "math/dense.h"
#include "models/two_tower/sequences.h"
#include "models/two_tower/tower_kernels.h"

namespace winnow {
namespace {

Error out_of_range(std::string_view field, std::uint32_t value, std::string_view range) {
  return {ErrorCode::invalid,
          "two_tower." + std::string(field) + " is " + std::to_string(value) + "; give " + std::string(range),
          "two_tower." + std::string(field)};
}

void round_to_bfloat16(std::vector<float>& matrix) {
  for (float& value : matrix) value = from_bfloat16(to_bfloat16(value));
}

// Columns [first, first + count) of a matrix with `columns` of them.
std::vector<float> columns_of(const std::vector<float>& matrix, std::size_t columns, std::size_t first,
                              std::size_t count) {
  std::vector<float> out;
  out.reserve(matrix.size() / columns * count);
  for (std::size_t at = first; at < matrix.size(); at += columns) {
    const auto row = matrix.begin() + static_cast<std::ptrdiff_t>(at);
    out.insert(out.end(), row, row + static_cast<std::ptrdiff_t>(count));
  }
  return out;
}

}  // namespace

Status TwoTowerShape::check() const {
  if (items == 0) return out_of_range("items", items, "at least 1");
  if (heads < 1 || heads > 16) return out_of_range("heads", heads, "1 to 16");
  if (dims < 32 || dims > 512 || dims % 32 != 0 || dims % (16 * heads) != 0) {
    return out_of_range("dims", dims, "a multiple of 32 and of 16 times the heads, from 32 to 512");
  }
  if (layers < 1 || layers > 8) return out_of_range("layers", layers, "1 to 8");
  if (inner < 32 || inner > 4096 || inner % 32 != 0) {
    return out_of_range("inner", inner, "a multiple of 32 from 32 to 4096");
  }
  if (length < 1 || length > 1000) return out_of_range("length", length, "1 to 1000");
  if (!std::isfinite(token_scale)) {
    return Error{ErrorCode::invalid, "two_tower.token_scale is not finite; give a finite number",
                 "two_tower.token_scale"};
  }
  return {};
}

Status TwoTowerWeights::check() const {
  WINNOW_RETURN_IF_ERROR(shape.check());
  const std::size_t d = shape.dims;
  const auto wrong = [](std::string_view name) {
    return Error{ErrorCode::invalid, "the two-tower weights '" + std::string(name) +
                                         "' have the wrong size or hold a number that is not finite"};
  };
  const auto fits = [](const std::vector<float>& values, std::size_t size) {
    return values.size() == size &&
           std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
  };
  const std::size_t featured = shape.item_buckets > 0 ? 1 : 0;
  if (!fits(item_vectors, shape.items * d)) return wrong("item_vectors");
  if (!fits(kinds, kActionKinds * d)) return wrong("kinds");
  if (!fits(gaps, kGapBuckets * d)) return wrong("gaps");
  if (!fits(profile_embeddings, shape.profile_buckets * d)) return wrong("profile_embeddings");
  if (!fits(last_gain, d) || !fits(last_bias, d)) return wrong("last");
  if (!fits(feature_embeddings, shape.item_buckets * d) || !fits(feature_widen, featured * d * d) ||
      !fits(feature_widen_bias, featured * d) || !fits(feature_narrow, featured * d * d) ||
      !fits(feature_narrow_bias, featured * d)) {
    return wrong("features");
  }
  if (layers.size() != shape.layers) return wrong("layers");
  for (const TowerLayerWeights& layer : layers) {
    const bool attention = fits(layer.attention_gain, d) && fits(layer.attention_bias, d) &&
                           fits(layer.project, 3 * d * d) && fits(layer.project_bias, 3 * d) &&
                           fits(layer.distance_bias, std::size_t{shape.heads} * shape.length) &&
                           fits(layer.merge, d * d) && fits(layer.merge_bias, d);
    if (!attention) return wrong("attention");
    const bool network = fits(layer.inner_gain, d) && fits(layer.inner_bias, d) &&
                         fits(layer.widen, d * shape.inner) && fits(layer.widen_bias, shape.inner) &&
                         fits(layer.narrow, shape.inner * d) && fits(layer.narrow_bias, d);
    if (!network) return wrong("network");
  }
  for (const TowerProbe& probe : probes) {
    if (!fits(probe.user, d)) return wrong("probes");
  }
  return {};
}

TwoTowerModel::TwoTowerModel(TwoTowerWeights weights) : weights_(std::move(weights)) {
  WINNOW_CHECK(weights_.check().ok());
  const std::size_t d = dims();
  const std::size_t inner = shape().inner;
  for (TowerLayerWeights& layer : weights_.layers) {
    for (std::vector<float>* matrix : {&layer.project, &layer.merge, &layer.widen, &layer.narrow}) {
      round_to_bfloat16(*matrix);
    }
    layers_.push_back({PanelMatrix(columns_of(layer.project, 3 * d, 0, d), d, d),
                       PanelMatrix(columns_of(layer.project, 3 * d, d, 2 * d), d, 2 * d),
                       PanelMatrix(layer.merge, d, d), PanelMatrix(layer.widen, d, inner),
                       PanelMatrix(layer.narrow, inner, d)});
  }
}

std::vector<float> TwoTowerModel::fold_in(std::span<const HistoryEntry> history) const {
  return user_vector(tower_actions(history, shape().length));
}

TwoTowerModel TwoTowerModel::with_items(std::span<const std::uint32_t> rows,
                                        const FeatureBags& features) const {
  TwoTowerWeights weights = weights_;
  const AlignedFloats vectors = picked_rows(item_vectors(), dims(), rows);
  weights.item_vectors.assign(vectors.begin(), vectors.end());
  weights.shape.items = static_cast<std::uint32_t>(rows.size());
  for (std::size_t row = 0; row < rows.size() && features.buckets == shape().item_buckets; ++row) {
    if (rows[row] < items()) continue;
    std::ranges::copy(vector_of_features(features[row]),
                      weights.item_vectors.begin() + static_cast<std::ptrdiff_t>(row * dims()));
  }
  std::unordered_map<std::uint32_t, std::uint32_t> new_row;
  for (std::uint32_t row = 0; row < rows.size(); ++row) new_row.emplace(rows[row], row);
  std::erase_if(weights.probes, [&](TowerProbe& probe) {
    for (TowerAction& action : probe.actions) {
      const auto found = new_row.find(action.item);
      if (found == new_row.end()) return true;
      action.item = found->second;
    }
    return false;
  });
  return TwoTowerModel(std::move(weights));
}

float TwoTowerModel::worst_probe_error() const {
  double worst = 0;
  for (const TowerProbe& probe : weights_.probes) {
    const std::vector<float> user = user_vector(probe.actions, probe.profile);
    double off = 0;
    double length = 0;
    for (std::size_t i = 0; i < user.size(); ++i) {
      off += std::pow(static_cast<double>(user[i]) - probe.user[i], 2);
      length += std::pow(static_cast<double>(probe.user[i]), 2);
    }
    worst = std::max(worst, std::sqrt(off / std::max(length, 1e-30)));
  }
  return static_cast<float>(worst);
}

}  // namespace winnow
