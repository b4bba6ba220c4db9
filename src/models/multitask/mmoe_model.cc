#include "models/multitask/mmoe_model.h"

#include <algorithm>
#include <cmath>

#include "math/dense.h"
#include "models/sealed.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WMMO";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "multitask";

constexpr std::uint32_t kMaxWidth = 4096;
constexpr std::uint32_t kMaxParts = 64;

Error invalid(std::string what, std::string field) {
  return {ErrorCode::invalid, "the multitask model: " + std::move(what), std::move(field)};
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

struct Part {
  const char* name;
  std::uint32_t count, inputs, outputs;
};

// In the order in which they are encoded.
template <class Model, class Body>
void for_each_part(Model& model, const Body& body) {
  const MmoeShape& s = model.shape;
  body(Part{"expert_first", s.experts, s.inputs, s.expert_hidden}, model.expert_first);
  body(Part{"expert_second", s.experts, s.expert_hidden, s.expert_outputs}, model.expert_second);
  body(Part{"gates", s.heads, s.inputs, s.experts}, model.gates);
  body(Part{"head_first", s.heads, s.expert_outputs, s.head_hidden}, model.head_first);
  body(Part{"head_second", s.heads, s.head_hidden, 1}, model.head_second);
}

Status check_part(const Part& part, const std::vector<DenseWeights>& layers) {
  if (layers.size() != part.count) {
    return invalid(
        std::to_string(layers.size()) + " layers where its shape wants " + std::to_string(part.count),
        part.name);
  }
  for (const DenseWeights& layer : layers) {
    if (layer.weights.size() != std::size_t{part.inputs} * part.outputs ||
        layer.bias.size() != part.outputs) {
      return invalid("a layer is not of its shape's size", part.name);
    }
    if (!all_finite(layer.weights) || !all_finite(layer.bias)) {
      return invalid("a weight is not finite", part.name);
    }
  }
  return {};
}

}  // namespace

Status MmoeShape::check() const {
  const auto outside = [](std::uint32_t value, std::uint32_t most) { return value < 1 || value > most; };
  for (const std::uint32_t width : {inputs, expert_hidden, expert_outputs, head_hidden}) {
    if (outside(width, kMaxWidth)) {
      return invalid("a width of " + std::to_string(width) + ": give 1 to " + std::to_string(kMaxWidth),
                     "shape");
    }
  }
  for (const std::uint32_t count : {experts, heads}) {
    if (outside(count, kMaxParts)) {
      return invalid(std::to_string(count) + " experts or heads: give 1 to " + std::to_string(kMaxParts),
                     "shape");
    }
  }
  return {};
}

Status MmoeModel::check() const {
  if (Status status = shape.check(); !status.ok()) return status;
  Status found;
  for_each_part(*this, [&](const Part& part, const std::vector<DenseWeights>& layers) {
    if (found.ok()) found = check_part(part, layers);
  });
  if (!found.ok()) return found;
  if (sample.size() % shape.inputs != 0 || !all_finite(sample)) {
    return invalid("sample rows that are not whole, or not finite", "sample");
  }
  return {};
}

std::string MmoeModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  for (const std::uint32_t value : {shape.inputs, shape.experts, shape.expert_hidden, shape.expert_outputs,
                                    shape.heads, shape.head_hidden}) {
    out.fixed(value);
  }
  for_each_part(*this, [&](const Part& /*part*/, const std::vector<DenseWeights>& layers) {
    for (const DenseWeights& layer : layers) {
      out.array<float>(layer.weights);
      out.array<float>(layer.bias);
    }
  });
  out.array<float>(sample);
  return sealed(std::move(out));
}

Result<MmoeModel> MmoeModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_sealed(bytes, kTag, kFormat, kName));
  MmoeModel model;
  MmoeShape& shape = model.shape;
  for (std::uint32_t* value : {&shape.inputs, &shape.experts, &shape.expert_hidden, &shape.expert_outputs,
                               &shape.heads, &shape.head_hidden}) {
    *value = in.fixed<std::uint32_t>();
  }
  if (in.failed() || !shape.check().ok()) return corrupt_model(kName);
  for_each_part(model, [&](const Part& part, std::vector<DenseWeights>& layers) {
    for (std::uint32_t k = 0; k < part.count; ++k) {
      std::vector<float> weights = in.array<float>();
      layers.push_back({std::move(weights), in.array<float>()});
    }
  });
  model.sample = in.array<float>();
  if (in.failed() || !in.at_end() || !model.check().ok()) return corrupt_model(kName);
  return model;
}

namespace {

std::vector<float> run_layer(std::span<const float> rows, const DenseWeights& layer, bool relu) {
  const AlignedFloats product =
      multiply(rows, layer.weights, static_cast<std::uint32_t>(layer.weights.size() / layer.bias.size()));
  std::vector<float> out(product.begin(), product.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] += layer.bias[i % layer.bias.size()];
    if (relu) out[i] = std::max(out[i], 0.0f);
  }
  return out;
}

void softmax(std::span<float> values) {
  const float highest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (float& value : values) sum += value = std::exp(value - highest);
  for (float& value : values) value = static_cast<float>(value / sum);
}

}  // namespace

MmoeActivations run_plainly(const MmoeModel& model, std::span<const float> rows) {
  const MmoeShape& shape = model.shape;
  const std::size_t count = rows.size() / shape.inputs;
  MmoeActivations out;
  std::vector<std::vector<float>> experts;
  for (std::size_t e = 0; e < shape.experts; ++e) {
    out.hidden.push_back(run_layer(rows, model.expert_first[e], true));
    experts.push_back(run_layer(out.hidden.back(), model.expert_second[e], true));
  }
  out.scores.resize(count * shape.heads);
  for (std::size_t t = 0; t < shape.heads; ++t) {
    std::vector<float> gates = run_layer(rows, model.gates[t], false);
    std::vector<float> mixed(count * shape.expert_outputs);
    for (std::size_t r = 0; r < count; ++r) {
      softmax(std::span(gates).subspan(r * shape.experts, shape.experts));
      for (std::size_t e = 0; e < shape.experts; ++e) {
        for (std::size_t c = 0; c < shape.expert_outputs; ++c) {
          const std::size_t at = r * shape.expert_outputs + c;
          mixed[at] += gates[r * shape.experts + e] * experts[e][at];
        }
      }
    }
    const std::vector<float> logits =
        run_layer(run_layer(mixed, model.head_first[t], true), model.head_second[t], false);
    for (std::size_t r = 0; r < count; ++r) out.scores[r * shape.heads + t] = 1 / (1 + std::exp(-logits[r]));
    out.mixed.push_back(std::move(mixed));
  }
  return out;
}

}  // namespace winnow
