// The item tower's second part: a vector from an item's features alone.

#include <algorithm>

#include "math/vector_kernels.h"
#include "models/two_tower/two_tower.h"

namespace winnow {
namespace {

// row (inputs) * matrix (inputs x outputs) + bias.
std::vector<float> affine(std::span<const float> row, const std::vector<float>& matrix,
                          const std::vector<float>& bias) {
  std::vector<float> out = bias;
  for (std::size_t i = 0; i < row.size(); ++i) {
    axpy(row[i], std::span(matrix).subspan(i * out.size(), out.size()), out);
  }
  return out;
}

}  // namespace

std::vector<float> TwoTowerModel::vector_of_features(std::span<const std::uint32_t> features) const {
  const std::size_t width = dims();
  std::vector<float> mean(width);
  std::size_t known = 0;
  for (const std::uint32_t feature : features) {
    if (feature >= shape().item_buckets) continue;
    axpy(1, std::span(weights_.feature_embeddings).subspan(feature * width, width), mean);
    ++known;
  }
  if (known == 0) return mean;
  for (float& value : mean) value /= static_cast<float>(known);
  std::vector<float> wide = affine(mean, weights_.feature_widen, weights_.feature_widen_bias);
  for (float& value : wide) value = std::max(value, 0.0f);
  return affine(wide, weights_.feature_narrow, weights_.feature_narrow_bias);
}

}  // namespace winnow
