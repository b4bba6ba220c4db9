#include "tower.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

using torch::Tensor;
namespace functional = torch::nn::functional;

constexpr double kSpread = 0.02;  // standard deviation of first weights

torch::nn::LayerNorm norm_of(std::int64_t dims) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({dims}));
}

void start_small(torch::nn::Linear& linear) {
  torch::nn::init::normal_(linear->weight, 0, kSpread);
  torch::nn::init::zeros_(linear->bias);
}

Tensor dropped(const Tensor& tensor, double share, bool training) {
  return training && share > 0 ? torch::dropout(tensor, share, true) : tensor;
}

// libtorch keeps matrices outputs x inputs, the model inputs x outputs.
std::vector<float> matrix_of(const torch::nn::Linear& linear) { return floats_of(linear->weight.t()); }

void fill(Tensor& tensor, const std::vector<float>& values) {
  const torch::NoGradGuard no_grad;
  tensor.copy_(torch::tensor(values).view(tensor.sizes()));
}

void fill(torch::nn::Linear& linear, const std::vector<float>& matrix, const std::vector<float>& bias) {
  const torch::NoGradGuard no_grad;
  linear->weight.copy_(torch::tensor(matrix).view({linear->weight.size(1), linear->weight.size(0)}).t());
  fill(linear->bias, bias);
}

void fill(torch::nn::LayerNorm& norm, const std::vector<float>& gain, const std::vector<float>& bias) {
  fill(norm->weight, gain);
  fill(norm->bias, bias);
}

}  // namespace

std::vector<float> floats_of(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(torch::kCPU).to(torch::kFloat).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

Tensor on_device(std::span<const std::int64_t> values, torch::Device device) {
  const Tensor out = torch::empty({static_cast<std::int64_t>(values.size())}, torch::kLong);
  std::ranges::copy(values, out.data_ptr<std::int64_t>());
  return out.to(device);
}

BagTensors bags_of(const FeatureBags& bags, std::span<const std::int64_t> rows, torch::Device device) {
  if (bags.buckets == 0) return {};
  std::vector<std::int64_t> features;
  std::vector<std::int64_t> offsets;
  for (const std::int64_t row : rows) {
    offsets.push_back(static_cast<std::int64_t>(features.size()));
    for (const std::uint32_t feature : bags[static_cast<std::size_t>(row)]) features.push_back(feature);
  }
  return {on_device(features, device), on_device(offsets, device)};
}

TowerLayerImpl::TowerLayerImpl(const TwoTowerShape& shape, double dropout)
    : heads_(shape.heads),
      dropout_(dropout),
      attention_norm_(norm_of(shape.dims)),
      inner_norm_(norm_of(shape.dims)),
      project_(shape.dims, 3 * shape.dims),
      merge_(shape.dims, shape.dims),
      widen_(shape.dims, shape.inner),
      narrow_(shape.inner, shape.dims) {
  register_module("attention_norm", attention_norm_);
  register_module("inner_norm", inner_norm_);
  register_module("project", project_);
  register_module("merge", merge_);
  register_module("widen", widen_);
  register_module("narrow", narrow_);
  distance_bias_ = register_parameter("distance_bias", torch::zeros({shape.heads, shape.length}));
  for (torch::nn::Linear* linear : {&project_, &merge_, &widen_, &narrow_}) start_small(*linear);
}

Tensor TowerLayerImpl::attend(const Tensor& normal, const Tensor& mask, const Tensor& distances) {
  const std::int64_t rows = normal.size(0);
  const std::int64_t columns = normal.size(1);
  const std::int64_t dims = normal.size(2);
  const Tensor heads =
      project_(normal).view({rows, columns, 3, heads_, dims / heads_}).permute({2, 0, 3, 1, 4});
  const double scale = 1 / std::sqrt(static_cast<double>(dims) / static_cast<double>(heads_));
  const Tensor nearness = distance_bias_.index_select(1, distances).view({heads_, columns, columns});
  const Tensor logits = torch::matmul(heads[0], heads[1].transpose(-1, -2)) * scale + nearness + mask;
  const Tensor weights = dropped(torch::softmax(logits, -1), dropout_, is_training());
  return merge_(torch::matmul(weights, heads[2]).transpose(1, 2).reshape({rows, columns, dims}));
}

Tensor TowerLayerImpl::forward(Tensor stream, const Tensor& mask, const Tensor& distances) {
  stream = stream + dropped(attend(attention_norm_(stream), mask, distances), dropout_, is_training());
  const Tensor wide = dropped(torch::relu(widen_(inner_norm_(stream))), dropout_, is_training());
  return stream + dropped(narrow_(wide), dropout_, is_training());
}

TowerLayerWeights TowerLayerImpl::weights() const {
  TowerLayerWeights out;
  out.attention_gain = floats_of(attention_norm_->weight);
  out.attention_bias = floats_of(attention_norm_->bias);
  out.project = matrix_of(project_);
  out.project_bias = floats_of(project_->bias);
  out.distance_bias = floats_of(distance_bias_);
  out.merge = matrix_of(merge_);
  out.merge_bias = floats_of(merge_->bias);
  out.inner_gain = floats_of(inner_norm_->weight);
  out.inner_bias = floats_of(inner_norm_->bias);
  out.widen = matrix_of(widen_);
  out.widen_bias = floats_of(widen_->bias);
  out.narrow = matrix_of(narrow_);
  out.narrow_bias = floats_of(narrow_->bias);
  return out;
}

void TowerLayerImpl::set_weights(const TowerLayerWeights& weights) {
  fill(attention_norm_, weights.attention_gain, weights.attention_bias);
  fill(project_, weights.project, weights.project_bias);
  fill(distance_bias_, weights.distance_bias);
  fill(merge_, weights.merge, weights.merge_bias);
  fill(inner_norm_, weights.inner_gain, weights.inner_bias);
  fill(widen_, weights.widen, weights.widen_bias);
  fill(narrow_, weights.narrow, weights.narrow_bias);
}

TwoTowersImpl::TwoTowersImpl(const TwoTowerShape& shape, double dropout)
    : shape_(shape),
      dropout_(dropout),
      kinds_(torch::nn::EmbeddingOptions(kActionKinds, shape.dims).padding_idx(0)),
      gaps_(torch::nn::EmbeddingOptions(kGapBuckets, shape.dims).padding_idx(0)),
      last_norm_(norm_of(shape.dims)) {
  register_module("kinds", kinds_);
  register_module("gaps", gaps_);
  // At the start all actions read alike; what a kind or a gap means is learned. What is not known (row 0)
  // never means anything, so a model that was trained without kinds reads a history with kinds as it was
  // trained.
  torch::nn::init::zeros_(kinds_->weight);
  torch::nn::init::zeros_(gaps_->weight);
  if (shape.profile_buckets > 0) {
    profiles_ = register_module("profiles", torch::nn::EmbeddingBag(shape.profile_buckets, shape.dims));
    torch::nn::init::zeros_(profiles_->weight);
  }
  if (shape.item_buckets > 0) {
    features_ = register_module("features", torch::nn::EmbeddingBag(shape.item_buckets, shape.dims));
    feature_widen_ = register_module("feature_widen", torch::nn::Linear(shape.dims, shape.dims));
    feature_narrow_ = register_module("feature_narrow", torch::nn::Linear(shape.dims, shape.dims));
    torch::nn::init::normal_(features_->weight, 0, 1 / std::sqrt(static_cast<double>(shape.dims)));
  }
  register_module("layers", layers_);
  for (std::uint32_t l = 0; l < shape.layers; ++l) layers_->push_back(TowerLayer(shape, dropout));
  register_module("last_norm", last_norm_);
}

Tensor TwoTowersImpl::item_vectors(const Tensor& ids, const Tensor& kept, const BagTensors& bags) {
  if (!features_) return ids;
  const Tensor own = kept.defined() ? ids * kept : ids;
  const Tensor mean = features_(bags.features, bags.offsets);
  return own + feature_narrow_(torch::relu(feature_widen_(mean)));
}

Tensor TwoTowersImpl::user_vectors(const Batch& batch, const Tensor& vectors, const BagTensors& profiles) {
  const torch::Device device = vectors.device();
  const auto dims = static_cast<std::int64_t>(shape_.dims);
  const auto shaped = [&](const Tensor& flat) { return flat.view({batch.rows, batch.columns, dims}); };
  Tensor stream = shaped(vectors.index_select(0, on_device(batch.items, device))) * shape_.token_scale +
                  shaped(kinds_(on_device(batch.kinds, device))) +
                  shaped(gaps_(on_device(batch.gaps, device)));
  if (profiles_) stream = stream + profiles_(profiles.features, profiles.offsets).unsqueeze(1);
  stream = dropped(stream, dropout_, is_training());

  const Tensor steps = torch::arange(batch.columns, torch::TensorOptions(torch::kLong).device(device));
  const Tensor back = steps.unsqueeze(1) - steps.unsqueeze(0);
  const Tensor mask = torch::zeros(back.sizes(), device).masked_fill_(back < 0, -1e9);
  const Tensor distances = back.clamp_min(0).view(-1);
  for (const auto& layer : *layers_) stream = layer->as<TowerLayer>()->forward(stream, mask, distances);
  return last_norm_(stream.view({-1, dims}).index_select(0, on_device(batch.positions, device)));
}

TwoTowerWeights TwoTowersImpl::weights() const {
  TwoTowerWeights out;
  out.shape = shape_;
  out.kinds = floats_of(kinds_->weight);
  out.gaps = floats_of(gaps_->weight);
  if (profiles_) out.profile_embeddings = floats_of(profiles_->weight);
  for (const auto& layer : *layers_) out.layers.push_back(layer->as<TowerLayer>()->weights());
  out.last_gain = floats_of(last_norm_->weight);
  out.last_bias = floats_of(last_norm_->bias);
  if (features_) {
    out.feature_embeddings = floats_of(features_->weight);
    out.feature_widen = matrix_of(feature_widen_);
    out.feature_widen_bias = floats_of(feature_widen_->bias);
    out.feature_narrow = matrix_of(feature_narrow_);
    out.feature_narrow_bias = floats_of(feature_narrow_->bias);
  }
  return out;
}

void TwoTowersImpl::set_weights(const TwoTowerWeights& weights) {
  fill(kinds_->weight, weights.kinds);
  fill(gaps_->weight, weights.gaps);
  if (profiles_) fill(profiles_->weight, weights.profile_embeddings);
  for (std::size_t l = 0; l < weights.layers.size(); ++l) {
    layers_[l]->as<TowerLayer>()->set_weights(weights.layers[l]);
  }
  fill(last_norm_, weights.last_gain, weights.last_bias);
  if (features_) {
    fill(features_->weight, weights.feature_embeddings);
    fill(feature_widen_, weights.feature_widen, weights.feature_widen_bias);
    fill(feature_narrow_, weights.feature_narrow, weights.feature_narrow_bias);
  }
}

}  // namespace winnow
