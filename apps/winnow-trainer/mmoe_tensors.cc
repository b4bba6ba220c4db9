#include "mmoe_tensors.h"

#include <cmath>
#include <string>

namespace winnow {
namespace {

using torch::Tensor;

// For layers before a ReLU (He et al. 2015).
Tensor he_normal(std::vector<std::int64_t> size, std::uint32_t inputs) {
  return torch::randn(size) * std::sqrt(2.0 / inputs);
}

Tensor dropped(const Tensor& values, double share) {
  return share > 0 ? torch::dropout(values, share, /*train=*/true) : values;
}

// One layer of standardised inputs as one of raw ones: x_i enters as (x_i - mean_i) * scale_i.
DenseWeights folded(const Tensor& weights, const Tensor& bias, const Standardisation& transform) {
  const Tensor w = weights.contiguous();
  const Tensor b = bias.contiguous();
  const auto inputs = static_cast<std::size_t>(w.size(0));
  const auto outputs = static_cast<std::size_t>(w.size(1));
  DenseWeights out{std::vector<float>(inputs * outputs), std::vector<float>(outputs)};
  for (std::size_t o = 0; o < outputs; ++o) {
    double constant = b.data_ptr<float>()[o];
    for (std::size_t i = 0; i < inputs; ++i) {
      const double weight = w.data_ptr<float>()[i * outputs + o] * transform.scale[i];
      out.weights[i * outputs + o] = static_cast<float>(weight);
      constant -= weight * transform.mean[i];
    }
    out.bias[o] = static_cast<float>(constant);
  }
  return out;
}

DenseWeights dense(const Tensor& weights, const Tensor& bias) {
  const Tensor w = weights.contiguous();
  const Tensor b = bias.contiguous();
  return {{w.data_ptr<float>(), w.data_ptr<float>() + w.numel()},
          {b.data_ptr<float>(), b.data_ptr<float>() + b.numel()}};
}

}  // namespace

std::vector<Tensor> MmoeTensors::all() const {
  std::vector<Tensor> out = matrices();
  for (const Tensor& bias : biases()) out.push_back(bias);
  return out;
}

MmoeTensors MmoeTensors::clone() const {
  const auto copy = [](const Tensor& tensor) { return tensor.detach().clone(); };
  return {copy(first),      copy(first_bias), copy(second),    copy(second_bias), copy(gates),
          copy(gates_bias), copy(head),       copy(head_bias), copy(last),        copy(last_bias)};
}

void MmoeTensors::save(torch::serialize::OutputArchive& archive) const {
  const std::vector<Tensor> tensors = all();
  for (std::size_t k = 0; k < tensors.size(); ++k) archive.write(std::to_string(k), tensors[k].detach());
}

void MmoeTensors::load(torch::serialize::InputArchive& archive) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> tensors = all();
  for (std::size_t k = 0; k < tensors.size(); ++k) {
    Tensor found;
    archive.read(std::to_string(k), found);
    tensors[k].copy_(found);
  }
}

MmoeTensors initial_tensors(const MmoeShape& s, const std::vector<double>& base_rates) {
  MmoeTensors out;
  out.first = he_normal({s.inputs, s.experts * s.expert_hidden}, s.inputs);
  out.first_bias = torch::zeros({1, s.experts * s.expert_hidden});
  out.second = he_normal({s.experts, s.expert_hidden, s.expert_outputs}, s.expert_hidden);
  out.second_bias = torch::zeros({s.experts, 1, s.expert_outputs});
  // Heads begin as equal mixtures; experts differ, so gates learn to.
  out.gates = torch::zeros({s.inputs, s.heads * s.experts});
  out.gates_bias = torch::zeros({1, s.heads * s.experts});
  out.head = he_normal({s.heads, s.expert_outputs, s.head_hidden}, s.expert_outputs);
  out.head_bias = torch::zeros({s.heads, 1, s.head_hidden});
  out.last = torch::randn({s.heads, s.head_hidden, 1}) * (0.1 / std::sqrt(s.head_hidden));
  out.last_bias = torch::zeros({s.heads, 1, 1});
  for (std::uint32_t t = 0; t < s.heads; ++t)
    out.last_bias[t][0][0] = std::log(base_rates[t] / (1 - base_rates[t]));
  for (Tensor& tensor : out.all()) tensor.requires_grad_();
  return out;
}

Tensor logits(const MmoeTensors& tensors, const MmoeShape& s, const Tensor& rows, double dropout) {
  const std::int64_t count = rows.size(0);
  const Tensor hidden = dropped(torch::relu(torch::addmm(tensors.first_bias, rows, tensors.first)), dropout);
  const Tensor by_expert = hidden.view({count, s.experts, s.expert_hidden}).transpose(0, 1);
  const Tensor outputs =
      dropped(torch::relu(torch::baddbmm(tensors.second_bias, by_expert, tensors.second)), dropout);
  Tensor mixed;  // heads x rows x outputs
  if (s.experts == 1) {
    mixed = outputs.expand({s.heads, count, s.expert_outputs});
  } else {
    const Tensor gates = torch::addmm(tensors.gates_bias, rows, tensors.gates)
                             .view({count, s.heads, s.experts})
                             .softmax(2)
                             .permute({1, 2, 0});  // heads x experts x rows
    std::vector<Tensor> heads;
    for (std::int64_t t = 0; t < s.heads; ++t) heads.push_back((gates[t].unsqueeze(2) * outputs).sum(0));
    mixed = torch::stack(heads);
  }
  const Tensor head = torch::relu(torch::baddbmm(tensors.head_bias, mixed, tensors.head));
  return torch::baddbmm(tensors.last_bias, head, tensors.last).squeeze(2);
}

MmoeModel model_of(const MmoeTensors& tensors, const MmoeShape& s, const Standardisation& transform) {
  const torch::NoGradGuard no_grad;
  MmoeModel out;
  out.shape = s;
  for (std::int64_t e = 0; e < s.experts; ++e) {
    const std::int64_t from = e * s.expert_hidden;
    out.expert_first.push_back(folded(tensors.first.narrow(1, from, s.expert_hidden),
                                      tensors.first_bias.narrow(1, from, s.expert_hidden), transform));
    out.expert_second.push_back(dense(tensors.second[e], tensors.second_bias[e]));
  }
  for (std::int64_t t = 0; t < s.heads; ++t) {
    out.gates.push_back(folded(tensors.gates.narrow(1, t * s.experts, s.experts),
                               tensors.gates_bias.narrow(1, t * s.experts, s.experts), transform));
    out.head_first.push_back(dense(tensors.head[t], tensors.head_bias[t]));
    out.head_second.push_back(dense(tensors.last[t], tensors.last_bias[t]));
  }
  return out;
}

}  // namespace winnow
