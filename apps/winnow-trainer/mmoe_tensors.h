// The parameters of a mixture of experts as tensors, and its forward pass; of all experts at once, and of all
// heads.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "models/multitask/mmoe_model.h"

namespace winnow {

struct MmoeTensors {
  torch::Tensor first, first_bias;    // inputs x (experts x hidden); 1 x (experts x hidden)
  torch::Tensor second, second_bias;  // experts x hidden x outputs; experts x 1 x outputs
  torch::Tensor gates, gates_bias;    // inputs x (heads x experts); 1 x (heads x experts)
  torch::Tensor head, head_bias;      // heads x outputs x head_hidden; heads x 1 x head_hidden
  torch::Tensor last, last_bias;      // heads x head_hidden x 1; heads x 1 x 1

  // Weights, then biases, in an order that never changes. Weight decay is for the former.
  std::vector<torch::Tensor> matrices() const { return {first, second, gates, head, last}; }
  std::vector<torch::Tensor> biases() const {
    return {first_bias, second_bias, gates_bias, head_bias, last_bias};
  }
  std::vector<torch::Tensor> all() const;

  MmoeTensors clone() const;  // of the values
  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);  // into tensors of the same shape
};

// At random from libtorch's generator; predicts base_rates (heads, in (0, 1)) at first.
MmoeTensors initial_tensors(const MmoeShape& shape, const std::vector<double>& base_rates);

// Logits of standardised rows (rows x inputs): heads x rows. dropout: 0 when predicting.
torch::Tensor logits(const MmoeTensors& tensors, const MmoeShape& shape, const torch::Tensor& rows,
                     double dropout);

// How features become inputs: (value - mean) * scale; scale is 0 where they never change.
struct Standardisation {
  std::vector<double> mean, scale;  // inputs
};

// The model of features as they are, the transform folded into its first layers and gates. No sample rows.
MmoeModel model_of(const MmoeTensors& tensors, const MmoeShape& shape, const Standardisation& transform);

}  // namespace winnow
