// A multi-gate mixture of experts (Ma et al. 2018): several outcomes of one candidate predicted from one row
// of features. Experts of two layers are shared; each head mixes them by weights of its own (a softmax of a
// linear gate), and makes a probability of the mixture by one more layer and a logistic output. Activations
// are ReLU.
//
//     expert e: relu(relu(x A_e + a_e) B_e + b_e)           head t: sigmoid(relu(m_t C_t + c_t) . o_t + p_t)
//     gate t:   softmax(x G_t + g_t) over experts           m_t:    the experts' outputs, weighted by gate t
//
// A plain value, as a trainer writes it; MmoeScorer runs it. Format: docs/formats/models.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

struct MmoeShape {
  std::uint32_t inputs = 0;  // features of a row
  std::uint32_t experts = 0;
  std::uint32_t expert_hidden = 0;  // outputs of an expert's first layer
  std::uint32_t expert_outputs = 0;
  std::uint32_t heads = 0;
  std::uint32_t head_hidden = 0;

  // Each from 1 on and within the limits of the format: 4096, experts and heads 64.
  Status check() const;
};

// weights: inputs x outputs, row-major; bias: outputs.
struct DenseWeights {
  std::vector<float> weights;
  std::vector<float> bias;
};

struct MmoeModel {
  MmoeShape shape;
  std::vector<DenseWeights> expert_first;   // per expert: inputs x expert_hidden
  std::vector<DenseWeights> expert_second;  // per expert: expert_hidden x expert_outputs
  std::vector<DenseWeights> gates;          // per head: inputs x experts
  std::vector<DenseWeights> head_first;     // per head: expert_outputs x head_hidden
  std::vector<DenseWeights> head_second;    // per head: head_hidden x 1
  // Rows of features as the model meets them (any number x inputs): what int8 is calibrated on, and its error
  // measured. Some hundreds suffice.
  std::vector<float> sample;

  // invalid where a size differs from the shape's or a number is not finite.
  Status check() const;

  std::string encode() const;
  // corrupt, unsupported.
  static Result<MmoeModel> decode(std::string_view bytes);
};

// The forward pass written down plainly, in single precision: the oracle, and what calibration looks at.
struct MmoeActivations {
  std::vector<std::vector<float>> hidden;  // per expert: rows x expert_hidden
  std::vector<std::vector<float>> mixed;   // per head: rows x expert_outputs
  std::vector<float> scores;               // rows x heads
};
// rows: any number x inputs, of a model that passes check().
MmoeActivations run_plainly(const MmoeModel& model, std::span<const float> rows);

}  // namespace winnow
