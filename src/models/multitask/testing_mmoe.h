// For tests of mixtures of experts: models and rows at random.
#pragma once

#include <cmath>
#include <vector>

#include "base/random.h"
#include "models/multitask/mmoe_model.h"

namespace winnow {

inline std::vector<float> random_rows(Random& random, std::size_t count, std::size_t inputs) {
  std::vector<float> out(count * inputs);
  for (float& value : out) value = static_cast<float>(random.normal());
  return out;
}

inline DenseWeights random_layer(Random& random, std::size_t inputs, std::size_t outputs) {
  DenseWeights out{random_rows(random, inputs, outputs), random_rows(random, 1, outputs)};
  for (float& weight : out.weights) weight *= 1.4f / std::sqrt(static_cast<float>(inputs));
  for (float& value : out.bias) value *= 0.1f;
  return out;
}

// With `sample` sample rows.
inline MmoeModel random_mmoe(Random& random, const MmoeShape& shape, std::size_t sample = 300) {
  MmoeModel model;
  model.shape = shape;
  for (std::size_t e = 0; e < shape.experts; ++e) {
    model.expert_first.push_back(random_layer(random, shape.inputs, shape.expert_hidden));
    model.expert_second.push_back(random_layer(random, shape.expert_hidden, shape.expert_outputs));
  }
  for (std::size_t t = 0; t < shape.heads; ++t) {
    model.gates.push_back(random_layer(random, shape.inputs, shape.experts));
    model.head_first.push_back(random_layer(random, shape.expert_outputs, shape.head_hidden));
    model.head_second.push_back(random_layer(random, shape.head_hidden, 1));
  }
  model.sample = random_rows(random, sample, shape.inputs);
  return model;
}

}  // namespace winnow
