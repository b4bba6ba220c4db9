// The two towers as libtorch modules: the same arithmetic as src/models/two_tower, with gradients.
//
// A step works on a table of the item rows that it needs: all of them with the full softmax, else those of
// its sequences, targets and negatives. The table of id embeddings is no parameter of the module, since its
// rows are updated one by one (row_adam.h).
#pragma once

#include <torch/nn.h>

#include <vector>

#include "batches.h"
#include "models/two_tower/two_tower.h"

namespace winnow {

// Feature bags of some rows, laid out for embedding_bag.
struct BagTensors {
  torch::Tensor features;  // int64, all bags behind each other
  torch::Tensor offsets;   // int64, where each begins
};
BagTensors bags_of(const FeatureBags& bags, std::span<const std::int64_t> rows, torch::Device device);

// One layer: attention over the past, then a small network, each added to what came in.
class TowerLayerImpl final : public torch::nn::Module {
 public:
  TowerLayerImpl(const TwoTowerShape& shape, double dropout);

  // stream: rows x columns x dims. mask: columns x columns, 0 or a large negative number; distances:
  // likewise, int64, flattened.
  torch::Tensor forward(torch::Tensor stream, const torch::Tensor& mask, const torch::Tensor& distances);
  TowerLayerWeights weights() const;
  void set_weights(const TowerLayerWeights& weights);

 private:
  torch::Tensor attend(const torch::Tensor& normal, const torch::Tensor& mask,
                       const torch::Tensor& distances);

  // Calls visit(part, its numbers in `weights`) for each.
  template <class Weights, class Visit>
  void each_part(Weights& weights, const Visit& visit) const;

  std::int64_t heads_;
  double dropout_;
  torch::nn::LayerNorm attention_norm_, inner_norm_;
  torch::nn::Linear project_, merge_, widen_, narrow_;
  torch::Tensor distance_bias_;  // heads x length
};
TORCH_MODULE(TowerLayer);

class TwoTowersImpl final : public torch::nn::Module {
 public:
  TwoTowersImpl(const TwoTowerShape& shape, double dropout);

  // Item vectors of some rows: their id embeddings (rows x dims) plus what their features say. kept: rows x
  // 1, 0 where the id is dropped; undefined: all are kept.
  torch::Tensor item_vectors(const torch::Tensor& ids, const torch::Tensor& kept, const BagTensors& bags);

  // User vectors at the batch's positions. vectors: a table of item vectors; batch.items are rows of it.
  torch::Tensor user_vectors(const Batch& batch, const torch::Tensor& vectors, const BagTensors& profiles);

  const TwoTowerShape& shape() const { return shape_; }
  // All but the item vectors and the probes.
  TwoTowerWeights weights() const;
  // Of the same shape.
  void set_weights(const TwoTowerWeights& weights);

 private:
  // As that of a layer, the layers left out.
  template <class Weights, class Visit>
  void each_part(Weights& weights, const Visit& visit) const;

  TwoTowerShape shape_;
  double dropout_;
  torch::nn::Embedding kinds_, gaps_;
  torch::nn::EmbeddingBag profiles_{nullptr}, features_{nullptr};
  torch::nn::Linear feature_widen_{nullptr}, feature_narrow_{nullptr};
  torch::nn::ModuleList layers_;
  torch::nn::LayerNorm last_norm_;
};
TORCH_MODULE(TwoTowers);

// The values of a tensor, row by row.
std::vector<float> floats_of(const torch::Tensor& tensor);

// Numbers on the device.
torch::Tensor on_device(std::span<const std::int64_t> values, torch::Device device);

}  // namespace winnow
