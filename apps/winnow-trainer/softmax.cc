#include "softmax.h"

#include <torch/autograd.h>
#include <torch/nn/functional.h>

#include <algorithm>
#include <cstdint>
#include <span>

#include "math/exponentials.h"

namespace winnow {
namespace {

using torch::Tensor;

// Positions whose logits are held at once, and of them those that are worked on while the caches keep them.
constexpr std::int64_t kPositions = 1024;
constexpr std::int64_t kCached = 128;

struct Sums {
  Tensor highest, sums;  // positions x 1
};

template <class Number>
void exponentiate_rows_of(Tensor& logits, Sums& out) {
  const auto items = static_cast<std::size_t>(logits.size(1));
  auto* row = static_cast<Number*>(logits.data_ptr());
  for (std::int64_t k = 0; k < logits.size(0); ++k, row += items) {
    const Exponentials of_row = exponentiate_below_highest(std::span(row, items));
    out.highest.data_ptr<float>()[k] = of_row.highest;
    out.sums.data_ptr<float>()[k] = of_row.sum;
  }
}

// logits: positions x items; each row becomes its exponentials less the highest.
Sums exponentiate_rows(Tensor& logits) {
  if (!logits.device().is_cpu()) {
    Sums out{logits.amax(1, true), {}};
    out.sums = logits.sub_(out.highest).exp_().sum(1, true);
    return out;
  }
  Sums out{torch::empty({logits.size(0), 1}), torch::empty({logits.size(0), 1})};
  if (logits.scalar_type() == torch::kBFloat16) {
    exponentiate_rows_of<std::uint16_t>(logits, out);
  } else {
    exponentiate_rows_of<float>(logits, out);
  }
  return out;
}

struct FullSoftmax final : torch::autograd::Function<FullSoftmax> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& hidden, const Tensor& table,
                        const Tensor& targets, double scale, torch::ScalarType products) {
    const torch::NoGradGuard no_grad;
    const Tensor narrow_table = table.to(products);
    const Tensor narrow_hidden = hidden.to(products);
    const Tensor target_vectors = table.index_select(0, targets);
    const std::int64_t positions = hidden.size(0);
    Tensor loss = -(hidden * target_vectors).sum();
    // Probabilities less one at the target: the ones are taken off apart, and exactly.
    Tensor hidden_gradient = -target_vectors;
    Tensor table_gradient;
    const Tensor space =
        torch::empty({std::min(kPositions, positions), table.size(0)}, narrow_table.options());
    for (std::int64_t begin = 0; begin < positions; begin += kPositions) {
      const std::int64_t end = std::min(begin + kPositions, positions);
      const Tensor powers = space.slice(0, 0, end - begin);
      Tensor scaled = hidden.slice(0, begin, end) * scale;
      for (std::int64_t from = begin; from < end; from += kCached) {
        const std::int64_t to = std::min(from + kCached, end);
        Tensor part = powers.slice(0, from - begin, to - begin);
        at::mm_out(part, narrow_hidden.slice(0, from, to), narrow_table.t());
        const Sums sums = exponentiate_rows(part);
        loss += (sums.sums.log() + sums.highest).sum();
        hidden_gradient.slice(0, from, to).add_(at::mm(part, narrow_table) / sums.sums);
        scaled.slice(0, from - begin, to - begin).div_(sums.sums);
      }
      const Tensor part_gradient = at::mm(powers.t(), scaled.to(products)).to(torch::kFloat);
      table_gradient = begin == 0 ? part_gradient : table_gradient.add_(part_gradient);
    }
    table_gradient.index_add_(0, targets, hidden, -scale);
    hidden_gradient.mul_(scale);
    context->save_for_backward({hidden_gradient, table_gradient});
    return loss * scale;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& /*outer: 1*/) {
    const auto saved = context->get_saved_variables();
    return {saved[0], saved[1], Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor full_softmax_loss(const Tensor& hidden, const Tensor& table, const Tensor& targets,
                         const FullSoftmaxOptions& options) {
  return FullSoftmax::apply(hidden, table, targets, options.scale, options.products);
}

torch::ScalarType fastest_products(torch::Device device) {
  return device.is_cpu() && __builtin_cpu_supports("avx512bf16") != 0 ? torch::kBFloat16 : torch::kFloat;
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
