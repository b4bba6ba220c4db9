#include "models/multitask/mmoe_network.h"

#include <optional>
#include <type_traits>

#include "base/check.h"
#include "models/multitask/mmoe_numbers.h"

namespace winnow {
namespace {

// The gates of all heads as one layer, in the order of softmax_gates.
DenseWeights joined_gates(const MmoeModel& model) {
  const MmoeShape& shape = model.shape;
  const std::size_t stride = gate_stride(shape.heads);
  const std::size_t outputs = shape.experts * stride;
  DenseWeights out{std::vector<float>(shape.inputs * outputs), std::vector<float>(outputs)};
  for (std::size_t t = 0; t < shape.heads; ++t) {
    for (std::size_t e = 0; e < shape.experts; ++e) {
      out.bias[e * stride + t] = model.gates[t].bias[e];
      for (std::size_t i = 0; i < shape.inputs; ++i) {
        out.weights[i * outputs + e * stride + t] = model.gates[t].weights[i * shape.experts + e];
      }
    }
  }
  return out;
}

template <class Numbers>
class Network final : public MmoeNetwork {
 public:
  Network(const MmoeModel& model, std::size_t common, Numbers numbers, const Calibration& calibration)
      : shape_(model.shape), common_(common), numbers_(std::move(numbers)) {
    WINNOW_CHECK(common < shape_.inputs);
    if (has_gates()) gates_ = first_layer(joined_gates(model), calibration, nullptr);
    const CodeScale* const outputs = has_gates() ? nullptr : calibration.mixed.data();
    for (std::size_t e = 0; e < shape_.experts; ++e) {
      const CodeScale& hidden = calibration.hidden[e];
      expert_first_.push_back(first_layer(model.expert_first[e], calibration, &hidden));
      expert_second_.push_back(layer(model.expert_second[e], hidden, outputs));
    }
    for (std::size_t t = 0; t < shape_.heads; ++t) {
      head_first_.push_back(layer(model.head_first[t], calibration.mixed[t], nullptr));
      AlignedFloats& weights = head_weights_.emplace_back(narrow_width(shape_.head_hidden), 0.0f);
      std::copy(model.head_second[t].weights.begin(), model.head_second[t].weights.end(), weights.begin());
      head_bias_.push_back(model.head_second[t].bias[0]);
    }
  }

  Outcome begin_run(std::span<const float> row, MmoeWorkspace& workspace) const override {
    WINNOW_CHECK(row.size() == shape_.inputs);
    fit(workspace);
    if (common_ == 0) return Outcome::done;
    auto* inputs = numbers_in(workspace.inputs);
    if (!numbers_.load(Inputs::common, {row.data(), 1, 0, common_}, inputs)) return Outcome::bad_input;
    const auto add_up = [&](const FirstLayer& layer, float* bias) {
      numbers_.to_floats(inputs, 1, *layer.common, layer.common->bias.data(), Activation::none, bias);
    };
    for (std::size_t e = 0; e < shape_.experts; ++e) {
      add_up(expert_first_[e], workspace.bias.data() + e * hidden_width());
    }
    if (has_gates()) add_up(*gates_, workspace.bias.data() + shape_.experts * hidden_width());
    return Outcome::done;
  }

  Outcome run(std::span<const float> rows, MmoeWorkspace& workspace, std::span<float> scores) const override {
    const std::size_t count = rows.size() / shape_.inputs;
    WINNOW_CHECK(count <= kBlockRows && scores.size() == count * shape_.heads);
    auto* inputs = numbers_in(workspace.inputs);
    const ChannelRows own{rows.data() + common_, count, shape_.inputs, shape_.inputs - common_};
    if (!numbers_.load(Inputs::own, own, inputs)) return Outcome::bad_input;
    if (has_gates()) {
      run_experts(inputs, count, workspace);
      run_gates(inputs, count, workspace);
      mix_heads(count, workspace);
    } else {
      to_hidden(0, inputs, count, workspace);
      numbers_.to_numbers(numbers_in(workspace.hidden), count, expert_second_[0],
                          expert_second_[0].bias.data(), numbers_in(workspace.mixed));
    }
    bool finite = true;
    for (std::size_t t = 0; t < shape_.heads; ++t) finite &= run_head(t, count, workspace, scores);
    return finite ? Outcome::done : Outcome::bad_score;
  }

 private:
  using Number = typename Numbers::Number;
  using Layer = typename Numbers::Layer;

  // One that reads the inputs. What the common ones come to, its bias included, is the bias of the own ones.
  struct FirstLayer {
    Layer own;
    std::optional<Layer> common;
  };

  // A head's mixture of one expert is what that expert gives, the same for all heads.
  bool has_gates() const { return shape_.experts > 1; }

  Layer layer(const DenseWeights& dense, const CodeScale& in, const CodeScale* out) const {
    return numbers_.layer({dense.weights, dense.bias, in, out});
  }

  FirstLayer first_layer(const DenseWeights& dense, const Calibration& calibration,
                         const CodeScale* out) const {
    const auto weights = std::span(dense.weights).subspan(common_ * dense.bias.size());
    FirstLayer first{numbers_.layer({weights, dense.bias, calibration.own, out}), {}};
    if (common_ == 0) return first;
    const std::vector<float> no_bias(dense.bias.size());
    const auto common_weights = std::span(dense.weights).first(common_ * dense.bias.size());
    first.common = numbers_.layer({common_weights, no_bias, calibration.common, out});
    for (std::size_t o = 0; o < first.own.bias.size(); ++o) first.common->bias[o] += first.own.bias[o];
    return first;
  }

  // summed: where begin_run left that of the common inputs.
  static const float* bias_of(const FirstLayer& layer, const float* summed) {
    return layer.common ? summed : layer.own.bias.data();
  }

  static Number* numbers_in(NetworkBytes& bytes) { return reinterpret_cast<Number*>(bytes.data()); }

  std::size_t hidden_width() const { return narrow_width(shape_.expert_hidden); }
  std::size_t output_width() const { return narrow_width(shape_.expert_outputs); }
  std::size_t gate_width() const { return narrow_width(shape_.experts * gate_stride(shape_.heads)); }

  // From one head's mixtures to the next one's.
  std::size_t head_stride() const { return has_gates() ? kBlockRows * output_width() : 0; }

  void fit(MmoeWorkspace& workspace) const {
    // With zeros: layers leave outputs that have no weights as they are, and the next ones read them.
    const auto grow = [](auto& vector, std::size_t size) {
      using Value = std::remove_cvref_t<decltype(vector.front())>;
      if (vector.size() < size) vector.resize(size, Value{});
    };
    grow(workspace.inputs, kBlockRows * narrow_width(shape_.inputs) * sizeof(Number));
    grow(workspace.hidden, kBlockRows * hidden_width() * sizeof(Number));
    grow(workspace.mixed, shape_.heads * kBlockRows * output_width() * sizeof(Number));
    grow(workspace.outputs, kBlockRows * output_width() * shape_.experts);
    grow(workspace.gates, kBlockRows * gate_width());
    grow(workspace.head, kBlockRows * narrow_width(shape_.head_hidden));
    grow(workspace.probabilities, kBlockRows);
    // A layer may write as many rows as a kernel takes at a time, of which the next layer keeps the first.
    grow(workspace.bias,
         shape_.experts * hidden_width() + kNarrowRows * std::max(hidden_width(), gate_width()));
  }

  void to_hidden(std::size_t expert, const Number* inputs, std::size_t count,
                 MmoeWorkspace& workspace) const {
    const FirstLayer& first = expert_first_[expert];
    numbers_.to_numbers(inputs, count, first.own,
                        bias_of(first, workspace.bias.data() + expert * hidden_width()),
                        numbers_in(workspace.hidden));
  }

  void run_gates(const Number* inputs, std::size_t count, MmoeWorkspace& workspace) const {
    const float* summed = workspace.bias.data() + shape_.experts * hidden_width();
    numbers_.to_floats(inputs, count, gates_->own, bias_of(*gates_, summed), Activation::none,
                       workspace.gates.data());
    softmax_gates({workspace.gates.data(), count * gate_width()}, gate_width(), shape_.experts, shape_.heads);
  }

  void run_experts(const Number* inputs, std::size_t count, MmoeWorkspace& workspace) const {
    for (std::size_t e = 0; e < shape_.experts; ++e) {
      to_hidden(e, inputs, count, workspace);
      numbers_.to_floats(numbers_in(workspace.hidden), count, expert_second_[e],
                         expert_second_[e].bias.data(), Activation::relu,
                         workspace.outputs.data() + e * kBlockRows * output_width());
    }
  }

  void mix_heads(std::size_t count, MmoeWorkspace& workspace) const {
    const Mixture mixture{.outputs = workspace.outputs.data(),
                          .expert_stride = kBlockRows * output_width(),
                          .experts = shape_.experts,
                          .gates = workspace.gates.data(),
                          .gate_width = gate_width(),
                          .heads = shape_.heads,
                          .rows = count,
                          .width = output_width(),
                          .head_stride = head_stride()};
    numbers_.mix_heads(mixture, numbers_in(workspace.mixed));
  }

  bool run_head(std::size_t head, std::size_t count, MmoeWorkspace& workspace,
                std::span<float> scores) const {
    const Number* mixed = numbers_in(workspace.mixed) + head * head_stride();
    numbers_.to_floats(mixed, count, head_first_[head], head_first_[head].bias.data(), Activation::relu,
                       workspace.head.data());
    const std::span<float> probabilities(workspace.probabilities.data(), count);
    const bool finite =
        finish_head(workspace.head.data(), head_weights_[head], head_bias_[head], probabilities);
    for (std::size_t r = 0; r < count; ++r) scores[r * shape_.heads + head] = probabilities[r];
    return finite;
  }

  MmoeShape shape_;
  std::size_t common_;
  Numbers numbers_;
  std::optional<FirstLayer> gates_;       // with more than one expert
  std::vector<FirstLayer> expert_first_;  // per expert
  std::vector<Layer> expert_second_;      // per expert
  std::vector<Layer> head_first_;         // per head
  std::vector<AlignedFloats> head_weights_;
  std::vector<float> head_bias_;
};

Calibration no_codes(const MmoeShape& shape) {
  return {{}, {}, std::vector<CodeScale>(shape.experts), std::vector<CodeScale>(shape.heads)};
}

CodeScale part_of(const CodeScale& scale, std::size_t begin, std::size_t end) {
  const auto part = [&](const std::vector<float>& values) {
    const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
    return std::vector<float>(at(begin), at(end));
  };
  return {part(scale.low), part(scale.step), part(scale.mean)};
}

Calibration calibrate(const MmoeModel& model, std::size_t common) {
  const MmoeActivations seen = run_plainly(model, model.sample);
  const std::size_t inputs = model.shape.inputs;
  const CodeScale scale = code_scale_of(model.sample, inputs);
  Calibration out{part_of(scale, 0, common), part_of(scale, common, inputs), {}, {}};
  for (const auto& rows : seen.hidden) {
    out.hidden.push_back(positive_code_scale_of(rows, model.shape.expert_hidden));
  }
  for (const auto& rows : seen.mixed) {
    out.mixed.push_back(positive_code_scale_of(rows, model.shape.expert_outputs));
  }
  return out;
}

template <class Numbers>
std::unique_ptr<const MmoeNetwork> make(const MmoeModel& model, std::size_t common, Numbers numbers,
                                        const Calibration& calibration) {
  return std::make_unique<Network<Numbers>>(model, common, std::move(numbers), calibration);
}

}  // namespace

std::unique_ptr<const MmoeNetwork> make_float_network(const MmoeModel& model, std::size_t common) {
  return make(model, common, FloatNumbers(false), no_codes(model.shape));
}

std::unique_ptr<const MmoeNetwork> make_bfloat16_network(const MmoeModel& model, std::size_t common,
                                                         CpuLevel cpu) {
  if (narrow_kernels(cpu).bfloat16_floats == nullptr) {
    return make(model, common, FloatNumbers(true), no_codes(model.shape));
  }
  return make(model, common, Bfloat16Numbers(cpu), no_codes(model.shape));
}

std::unique_ptr<const MmoeNetwork> make_int8_network(const MmoeModel& model, std::size_t common,
                                                     CpuLevel cpu) {
  WINNOW_CHECK(!model.sample.empty());
  const Calibration calibration = calibrate(model, common);
  return make(model, common, Int8Numbers(cpu, calibration), calibration);
}

}  // namespace winnow
