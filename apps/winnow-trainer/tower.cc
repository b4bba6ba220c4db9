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

// Hands the numbers of a module's parts to the model. libtorch keeps matrices outputs x inputs, the model
// inputs x outputs.
struct TakeNumbers {
  void operator()(const Tensor& values, std::vector<float>& out) const { out = floats_of(values); }
  void operator()(const torch::nn::Linear& linear, std::vector<float>& matrix,
                  std::vector<float>& bias) const {
    matrix = floats_of(linear->weight.t());
    bias = floats_of(linear->bias);
  }
  void operator()(const torch::nn::LayerNorm& norm, std::vector<float>& gain,
                  std::vector<float>& bias) const {
    gain = floats_of(norm->weight);
    bias = floats_of(norm->bias);
  }
};

// And the other way round.
struct GiveNumbers {
  void operator()(Tensor values, const std::vector<float>& from) const {
    const torch::NoGradGuard no_grad;
    values.copy_(torch::tensor(from).view(values.sizes()));
  }
  void operator()(const torch::nn::Linear& linear, const std::vector<float>& matrix,
                  const std::vector<float>& bias) const {
    (*this)(linear->weight.t(), matrix);
    (*this)(linear->bias, bias);
  }
  void operator()(const torch::nn::LayerNorm& norm, const std::vector<float>& gain,
                  const std::vector<float>& bias) const {
    (*this)(norm->weight, gain);
    (*this)(norm->bias, bias);
  }
};

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

template <class Weights, class Visit>
void TowerLayerImpl::each_part(Weights& weights, const Visit& visit) const {
  visit(attention_norm_, weights.attention_gain, weights.attention_bias);
  visit(project_, weights.project, weights.project_bias);
  visit(distance_bias_, weights.distance_bias);
  visit(merge_, weights.merge, weights.merge_bias);
  visit(inner_norm_, weights.inner_gain, weights.inner_bias);
  visit(widen_, weights.widen, weights.widen_bias);
  visit(narrow_, weights.narrow, weights.narrow_bias);
}

TowerLayerWeights TowerLayerImpl::weights() const {
  TowerLayerWeights out;
  each_part(out, TakeNumbers());
  return out;
}

void TowerLayerImpl::set_weights(const TowerLayerWeights& weights) { each_part(weights, GiveNumbers()); }

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
  if (profiles_) {
    Tensor of_profile = profiles_(profiles.features, profiles.offsets);
    // Visitors without a profile are to be read well too.
    constexpr double kWithout = 0.2;
    if (is_training()) of_profile = of_profile * (torch::rand({batch.rows, 1}, device) >= kWithout);
    stream = stream + of_profile.unsqueeze(1);
  }
  stream = dropped(stream, dropout_, is_training());

  const Tensor steps = torch::arange(batch.columns, torch::TensorOptions(torch::kLong).device(device));
  const Tensor back = steps.unsqueeze(1) - steps.unsqueeze(0);
  const Tensor mask = torch::zeros(back.sizes(), device).masked_fill_(back < 0, -1e9);
  const Tensor distances = back.clamp_min(0).view(-1);
  for (const auto& layer : *layers_) stream = layer->as<TowerLayer>()->forward(stream, mask, distances);
  return last_norm_(stream.view({-1, dims}).index_select(0, on_device(batch.positions, device)));
}

template <class Weights, class Visit>
void TwoTowersImpl::each_part(Weights& weights, const Visit& visit) const {
  visit(kinds_->weight, weights.kinds);
  visit(gaps_->weight, weights.gaps);
  if (profiles_) visit(profiles_->weight, weights.profile_embeddings);
  visit(last_norm_, weights.last_gain, weights.last_bias);
  if (!features_) return;
  visit(features_->weight, weights.feature_embeddings);
  visit(feature_widen_, weights.feature_widen, weights.feature_widen_bias);
  visit(feature_narrow_, weights.feature_narrow, weights.feature_narrow_bias);
}

TwoTowerWeights TwoTowersImpl::weights() const {
  TwoTowerWeights out;
  out.shape = shape_;
  each_part(out, TakeNumbers());
  for (const auto& layer : *layers_) out.layers.push_back(layer->as<TowerLayer>()->weights());
  return out;
}

void TwoTowersImpl::set_weights(const TwoTowerWeights& weights) {
  each_part(weights, GiveNumbers());
  for (std::size_t l = 0; l < weights.layers.size(); ++l) {
    layers_[l]->as<TowerLayer>()->set_weights(weights.layers[l]);
  }
}

}  // namespace winnow
