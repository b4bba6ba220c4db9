#include "models/multitask/mmoe_network.h"

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
  Network(const MmoeModel& model, Numbers numbers, const Calibration& calibration)
      : shape_(model.shape),
        numbers_(std::move(numbers)),
        gates_(numbers_.layer({joined_gates(model), calibration.inputs, nullptr})) {
    for (std::size_t e = 0; e < shape_.experts; ++e) {
      const CodeScale& hidden = calibration.hidden[e];
      expert_first_.push_back(numbers_.layer({model.expert_first[e], calibration.inputs, &hidden}));
      expert_second_.push_back(numbers_.layer({model.expert_second[e], hidden, nullptr}));
    }
    for (std::size_t t = 0; t < shape_.heads; ++t) {
      head_first_.push_back(numbers_.layer({model.head_first[t], calibration.mixed[t], nullptr}));
      AlignedFloats& weights = head_weights_.emplace_back(narrow_width(shape_.head_hidden), 0.0f);
      std::copy(model.head_second[t].weights.begin(), model.head_second[t].weights.end(), weights.begin());
      head_bias_.push_back(model.head_second[t].bias[0]);
    }
  }

  Outcome run(std::span<const float> rows, MmoeWorkspace& workspace, std::span<float> scores) const override {
    const std::size_t count = rows.size() / shape_.inputs;
    WINNOW_CHECK(count <= kBlockRows && scores.size() == count * shape_.heads);
    fit(workspace);
    auto* inputs = numbers_in(workspace.inputs);
    if (!numbers_.load(rows, shape_.inputs, inputs)) return Outcome::bad_input;
    run_experts(inputs, count, workspace);
    numbers_.to_floats(inputs, count, gates_, Activation::none, workspace.gates.data());
    const std::size_t gate_width = narrow_width(shape_.experts * gate_stride(shape_.heads));
    softmax_gates({workspace.gates.data(), count * gate_width}, gate_width, shape_.experts, shape_.heads);
    mix_heads(count, workspace);
    bool finite = true;
    for (std::size_t t = 0; t < shape_.heads; ++t) finite &= run_head(t, count, workspace, scores);
    return finite ? Outcome::done : Outcome::bad_score;
  }

 private:
  using Number = typename Numbers::Number;

  static Number* numbers_in(NetworkBytes& bytes) { return reinterpret_cast<Number*>(bytes.data()); }

  std::size_t output_width() const { return narrow_width(shape_.expert_outputs); }

  // From one head's mixtures to the next one's.
  std::size_t head_stride() const { return kBlockRows * output_width(); }

  void fit(MmoeWorkspace& workspace) const {
    const auto grow = [](auto& vector, std::size_t size) {
      if (vector.size() < size) vector.resize(size);
    };
    grow(workspace.inputs, kBlockRows * narrow_width(shape_.inputs) * sizeof(Number));
    grow(workspace.hidden, kBlockRows * narrow_width(shape_.expert_hidden) * sizeof(Number));
    grow(workspace.mixed, shape_.heads * head_stride() * sizeof(Number));
    grow(workspace.outputs, kBlockRows * output_width() * shape_.experts);
    grow(workspace.gates, kBlockRows * narrow_width(shape_.experts * gate_stride(shape_.heads)));
    grow(workspace.head, kBlockRows * narrow_width(shape_.head_hidden));
    grow(workspace.probabilities, kBlockRows);
  }

  void run_experts(const Number* inputs, std::size_t count, MmoeWorkspace& workspace) const {
    for (std::size_t e = 0; e < shape_.experts; ++e) {
      numbers_.to_numbers(inputs, count, expert_first_[e], numbers_in(workspace.hidden));
      numbers_.to_floats(numbers_in(workspace.hidden), count, expert_second_[e], Activation::relu,
                         workspace.outputs.data() + e * kBlockRows * output_width());
    }
  }

  void mix_heads(std::size_t count, MmoeWorkspace& workspace) const {
    const Mixture mixture{.outputs = workspace.outputs.data(),
                          .expert_stride = kBlockRows * output_width(),
                          .experts = shape_.experts,
                          .gates = workspace.gates.data(),
                          .gate_width = narrow_width(shape_.experts * gate_stride(shape_.heads)),
                          .heads = shape_.heads,
                          .rows = count,
                          .width = output_width(),
                          .head_stride = head_stride()};
    numbers_.mix_heads(mixture, numbers_in(workspace.mixed));
  }

  bool run_head(std::size_t head, std::size_t count, MmoeWorkspace& workspace,
                std::span<float> scores) const {
    const Number* mixed = numbers_in(workspace.mixed) + head * head_stride();
    numbers_.to_floats(mixed, count, head_first_[head], Activation::relu, workspace.head.data());
    const std::span<float> probabilities(workspace.probabilities.data(), count);
    const bool finite =
        finish_head(workspace.head.data(), head_weights_[head], head_bias_[head], probabilities);
    for (std::size_t r = 0; r < count; ++r) scores[r * shape_.heads + head] = probabilities[r];
    return finite;
  }

  MmoeShape shape_;
  Numbers numbers_;
  typename Numbers::Layer gates_;
  std::vector<typename Numbers::Layer> expert_first_, expert_second_;  // per expert
  std::vector<typename Numbers::Layer> head_first_;                    // per head
  std::vector<AlignedFloats> head_weights_;
  std::vector<float> head_bias_;
};

Calibration no_codes(const MmoeShape& shape) {
  return {{}, std::vector<CodeScale>(shape.experts), std::vector<CodeScale>(shape.heads)};
}

Calibration calibrate(const MmoeModel& model) {
  const MmoeActivations seen = run_plainly(model, model.sample);
  Calibration out{code_scale_of(model.sample, model.shape.inputs), {}, {}};
  for (const auto& rows : seen.hidden) {
    out.hidden.push_back(positive_code_scale_of(rows, model.shape.expert_hidden));
  }
  for (const auto& rows : seen.mixed) {
    out.mixed.push_back(positive_code_scale_of(rows, model.shape.expert_outputs));
  }
  return out;
}

template <class Numbers>
std::unique_ptr<const MmoeNetwork> make(const MmoeModel& model, Numbers numbers,
                                        const Calibration& calibration) {
  return std::make_unique<Network<Numbers>>(model, std::move(numbers), calibration);
}

}  // namespace

std::unique_ptr<const MmoeNetwork> make_float_network(const MmoeModel& model) {
  return make(model, FloatNumbers(false), no_codes(model.shape));
}

std::unique_ptr<const MmoeNetwork> make_bfloat16_network(const MmoeModel& model, CpuLevel cpu) {
  if (narrow_kernels(cpu).bfloat16_floats == nullptr) {
    return make(model, FloatNumbers(true), no_codes(model.shape));
  }
  return make(model, Bfloat16Numbers(cpu), no_codes(model.shape));
}

std::unique_ptr<const MmoeNetwork> make_int8_network(const MmoeModel& model, CpuLevel cpu) {
  WINNOW_CHECK(!model.sample.empty());
  const Calibration calibration = calibrate(model);
  return make(model, Int8Numbers(cpu, calibration), calibration);
}

}  // namespace winnow
