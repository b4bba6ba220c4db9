// The forward pass of the user tower: by kernels, and by the definition.
//
// In the last layer only the newest position's output is wanted, so only its query, its attention and its
// feed-forward network are computed; keys and values it needs of all positions.

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "math/aligned.h"
#include "math/vector_kernels.h"
#include "models/two_tower/tower_kernels.h"
#include "models/two_tower/two_tower.h"

namespace winnow {
namespace {

std::span<const float> row_of(const std::vector<float>& matrix, std::size_t row, std::size_t width) {
  return std::span(matrix).subspan(row * width, width);
}

// The newest `length` actions of items that the model has a vector of.
std::vector<TowerAction> known_actions(const TwoTowerWeights& weights, std::span<const TowerAction> actions) {
  const TwoTowerShape& shape = weights.shape;
  const auto is_known = [&](std::uint32_t item) {
    return item < shape.items && std::ranges::any_of(row_of(weights.item_vectors, item, shape.dims),
                                                     [](float value) { return value != 0; });
  };
  std::vector<TowerAction> out;
  out.reserve(std::min<std::size_t>(actions.size(), shape.length));
  for (auto action = actions.rbegin(); action != actions.rend() && out.size() < shape.length; ++action) {
    if (action->kind < kActionKinds && is_known(action->item)) out.push_back(*action);
  }
  std::ranges::reverse(out);
  return out;
}

// dst += alpha * the mean of the bag's rows.
void add_mean(const std::vector<float>& embeddings, std::span<const std::uint32_t> bag, std::size_t buckets,
              std::span<float> out) {
  const auto known = static_cast<std::size_t>(
      std::ranges::count_if(bag, [&](std::uint32_t feature) { return feature < buckets; }));
  for (const std::uint32_t feature : bag) {
    if (feature >= buckets) continue;
    axpy(1.0f / static_cast<float>(known), row_of(embeddings, feature, out.size()), out);
  }
}

// tokens: actions.size() x dims.
void fill_tokens(const TwoTowerWeights& weights, std::span<const TowerAction> actions,
                 std::span<const std::uint32_t> profile, std::span<float> tokens) {
  const std::size_t dims = weights.shape.dims;
  std::vector<float> of_profile(dims);
  add_mean(weights.profile_embeddings, profile, weights.shape.profile_buckets, of_profile);
  TimestampMs before_ms = 0;
  for (std::size_t t = 0; t < actions.size(); ++t) {
    const std::span<float> token = tokens.subspan(t * dims, dims);
    std::ranges::copy(of_profile, token.begin());
    axpy(weights.shape.token_scale, row_of(weights.item_vectors, actions[t].item, dims), token);
    axpy(1, row_of(weights.kinds, actions[t].kind, dims), token);
    axpy(1, row_of(weights.gaps, gap_bucket(before_ms, actions[t].time_ms), dims), token);
    before_ms = actions[t].time_ms;
  }
}

}  // namespace

std::vector<float> TwoTowerModel::user_vector(std::span<const TowerAction> actions,
                                              std::span<const std::uint32_t> profile) const {
  const std::size_t dims = this->dims();
  const std::vector<TowerAction> known = known_actions(weights_, actions);
  if (known.empty()) return std::vector<float>(dims);
  const std::size_t positions = known.size();
  const AttentionShape attention{shape().heads, dims, 2 * dims};
  AlignedFloats stream(positions * dims);  // what every block adds to
  AlignedFloats normal(positions * dims);
  AlignedFloats queries(positions * dims);
  AlignedFloats keys_values(positions * 2 * dims);
  AlignedFloats change(positions * dims);
  AlignedFloats wide(positions * shape().inner);
  std::vector<float> scratch(positions);
  fill_tokens(weights_, known, profile, stream);

  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const TowerLayerWeights& weights = weights_.layers[l];
    // The positions whose output somebody reads: all, or in the last layer the newest.
    const std::size_t first = l + 1 < layers_.size() ? 0 : positions - 1;
    const std::size_t count = positions - first;
    const auto wanted = [&](AlignedFloats& rows) {
      return std::span(rows).subspan(first * dims, count * dims);
    };
    const std::span project_bias(weights.project_bias);

    normalize_rows(stream, weights.attention_gain, weights.attention_bias, normal);
    multiply(wanted(normal), layer.project_query, project_bias.first(dims), Activation::none,
             wanted(queries));
    multiply(normal, layer.project_rest, project_bias.subspan(dims), Activation::none, keys_values);
    for (std::size_t t = first; t < positions; ++t) {
      attend(attention, std::span(queries).subspan(t * dims, dims), keys_values.data(),
             keys_values.data() + dims, t + 1, weights.distance_bias, scratch,
             std::span(normal).subspan(t * dims, dims));
    }
    multiply(wanted(normal), layer.merge, weights.merge_bias, Activation::none, wanted(change));
    axpy(1, wanted(change), wanted(stream));

    normalize_rows(wanted(stream), weights.inner_gain, weights.inner_bias, wanted(normal));
    const auto widened = std::span(wide).first(count * shape().inner);
    multiply(wanted(normal), layer.widen, weights.widen_bias, Activation::relu, widened);
    multiply(widened, layer.narrow, weights.narrow_bias, Activation::none, wanted(change));
    axpy(1, wanted(change), wanted(stream));
  }
  std::vector<float> user(dims);
  normalize_rows(std::span(stream).last(dims), weights_.last_gain, weights_.last_bias, user);
  return user;
}

namespace reference {
namespace {

// rows (count x inputs) * matrix (inputs x outputs) + bias.
std::vector<float> affine(const std::vector<float>& rows, const std::vector<float>& matrix,
                          const std::vector<float>& bias) {
  const std::size_t outputs = bias.size();
  const std::size_t inputs = matrix.size() / outputs;
  std::vector<float> out;
  for (std::size_t first = 0; first < rows.size(); first += inputs) {
    for (std::size_t o = 0; o < outputs; ++o) {
      double sum = bias[o];
      for (std::size_t i = 0; i < inputs; ++i) {
        sum += static_cast<double>(rows[first + i]) * matrix[i * outputs + o];
      }
      out.push_back(static_cast<float>(sum));
    }
  }
  return out;
}

std::vector<float> normalized(const std::vector<float>& rows, const std::vector<float>& gain,
                              const std::vector<float>& bias) {
  std::vector<float> out(rows.size());
  reference::normalize_rows(rows, gain, bias, out);
  return out;
}

void add(const std::vector<float>& change, std::vector<float>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] += change[i];
}

// projected: positions x (queries, keys, values). Returns positions x dims.
std::vector<float> attention(const TwoTowerShape& shape, const TowerLayerWeights& layer,
                             const std::vector<float>& projected) {
  const std::size_t stride = 3 * std::size_t{shape.dims};
  const std::size_t positions = projected.size() / stride;
  const AttentionShape form{shape.heads, shape.dims, stride};
  std::vector<float> scratch(positions);
  std::vector<float> out(positions * shape.dims);
  for (std::size_t t = 0; t < positions; ++t) {
    reference::attend(form, std::span(projected).subspan(t * stride, shape.dims),
                      projected.data() + shape.dims, projected.data() + 2 * std::size_t{shape.dims}, t + 1,
                      layer.distance_bias, scratch, std::span(out).subspan(t * shape.dims, shape.dims));
  }
  return out;
}

}  // namespace

std::vector<float> user_vector(const TwoTowerWeights& weights, std::span<const TowerAction> actions,
                               std::span<const std::uint32_t> profile) {
  const std::size_t dims = weights.shape.dims;
  const std::vector<TowerAction> known = known_actions(weights, actions);
  if (known.empty()) return std::vector<float>(dims);
  std::vector<float> stream(known.size() * dims);
  fill_tokens(weights, known, profile, stream);
  for (const TowerLayerWeights& layer : weights.layers) {
    const auto before = normalized(stream, layer.attention_gain, layer.attention_bias);
    const auto heads = attention(weights.shape, layer, affine(before, layer.project, layer.project_bias));
    add(affine(heads, layer.merge, layer.merge_bias), stream);
    auto wide = affine(normalized(stream, layer.inner_gain, layer.inner_bias), layer.widen, layer.widen_bias);
    for (float& value : wide) value = std::max(value, 0.0f);
    add(affine(wide, layer.narrow, layer.narrow_bias), stream);
  }
  const auto result = normalized(stream, weights.last_gain, weights.last_bias);
  return {result.end() - static_cast<std::ptrdiff_t>(dims), result.end()};
}

}  // namespace reference
}  // namespace winnow
