// Losses: cross-entropy over all items, or over a sample of them that stands for all.
#pragma once

#include <torch/types.h>

namespace winnow {

struct FullSoftmaxOptions {
  double scale = 1;                            // of the loss
  torch::ScalarType products = torch::kFloat;  // or kBFloat16: what matrices are multiplied in
};

// scale * the sum over positions of -log softmax(hidden * table')[target]. hidden: positions x dims; table:
// items x dims; targets: positions, rows of the table. The logits are never held whole: loss and gradients
// are computed together, some positions at a time. To be differentiated by itself, not within a larger
// expression. O(positions * items * dims).
torch::Tensor full_softmax_loss(const torch::Tensor& hidden, const torch::Tensor& table,
                                const torch::Tensor& targets, const FullSoftmaxOptions& options);

// bfloat16 where the processor multiplies it: what rounding adds to a gradient drowns in the noise of the
// step, and it is several times faster. Elsewhere it would be emulated, and slower: float.
torch::ScalarType fastest_products(torch::Device device);

// Items drawn to stand for all: rows of the table, and the log of how many items each stands for
// (-log of its expected number of draws: the logQ correction of Bengio and Senecal 2008).
struct Negatives {
  torch::Tensor rows;         // int64
  torch::Tensor log_weights;  // float
};

// As full_softmax_loss, with the sum over all items estimated without bias: the target counts itself, every
// draw of another item counts its weight. O(positions * negatives * dims).
torch::Tensor sampled_softmax_loss(const torch::Tensor& hidden, const torch::Tensor& table,
                                   const torch::Tensor& targets, const Negatives& negatives);

}  // namespace winnow
