#include "softmax.h"

#include <torch/autograd.h>
#include <torch/nn/functional.h>

namespace winnow {
namespace {

using torch::Tensor;

// Positions whose logits are held at once: a few megabytes, which the caches keep.
constexpr std::int64_t kPositions = 128;

struct FullSoftmax final : torch::autograd::Function<FullSoftmax> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& hidden, const Tensor& table,
                        const Tensor& targets) {
    const torch::NoGradGuard no_grad;
    const std::int64_t positions = hidden.size(0);
    Tensor hidden_gradient = torch::empty_like(hidden);
    Tensor table_gradient = torch::zeros_like(table);
    Tensor loss = torch::zeros({}, hidden.options());
    const Tensor space = torch::empty({std::min(kPositions, positions), table.size(0)}, hidden.options());
    const Tensor minus_one = torch::full({space.size(0), 1}, -1.0, hidden.options());
    for (std::int64_t begin = 0; begin < positions; begin += kPositions) {
      const std::int64_t end = std::min(begin + kPositions, positions);
      const Tensor part = hidden.slice(0, begin, end);
      const Tensor wanted = targets.slice(0, begin, end).unsqueeze(1);
      Tensor logits = space.slice(0, 0, end - begin);
      at::mm_out(logits, part, table.t());
      const Tensor target_logits = logits.gather(1, wanted);
      const Tensor highest = logits.amax(1, true);
      logits.sub_(highest).exp_();
      const Tensor sums = logits.sum(1, true);
      loss += (sums.log() + highest - target_logits).sum();
      // From here on `logits` is the gradient: the probabilities less one at the target.
      logits.div_(sums);
      logits.scatter_add_(1, wanted, minus_one.slice(0, 0, end - begin));
      Tensor part_gradient = hidden_gradient.slice(0, begin, end);
      at::mm_out(part_gradient, logits, table);
      table_gradient.addmm_(logits.t(), part);
    }
    context->save_for_backward({hidden_gradient, table_gradient});
    return loss;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& outer) {
    const auto saved = context->get_saved_variables();
    return {saved[0] * outer[0], saved[1] * outer[0], Tensor()};
  }
};

}  // namespace

Tensor full_softmax_loss(const Tensor& hidden, const Tensor& table, const Tensor& targets) {
  return FullSoftmax::apply(hidden, table, targets);
}

Tensor sampled_softmax_loss(const Tensor& hidden, const Tensor& table, const Tensor& targets,
                            const Negatives& negatives) {
  const Tensor own = (hidden * table.index_select(0, targets)).sum(1, true);
  const Tensor others = torch::mm(hidden, table.index_select(0, negatives.rows).t()) + negatives.log_weights;
  const Tensor hits = targets.unsqueeze(1) == negatives.rows.unsqueeze(0);
  const Tensor logits = torch::cat({own, others.masked_fill(hits, -1e9)}, 1);
  return (torch::logsumexp(logits, 1, true) - own).sum();
}

}  // namespace winnow
