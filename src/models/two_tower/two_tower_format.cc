// Encoding of two-tower models: docs/formats/two-tower.md.

#include "math/bfloat16.h"
#include "models/sealed.h"
#include "models/two_tower/two_tower.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WTWO";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "two_tower";

void write_floats(ByteWriter& out, const std::vector<float>& values) { out.array<float>(values); }

void write_matrix(ByteWriter& out, const std::vector<float>& matrix) {
  std::vector<std::uint16_t> bits;
  bits.reserve(matrix.size());
  for (const float value : matrix) bits.push_back(to_bfloat16(value));
  out.array<std::uint16_t>(bits);
}

std::vector<float> read_matrix(ByteReader& in) {
  std::vector<float> out;
  for (const std::uint16_t bits : in.array<std::uint16_t>()) out.push_back(from_bfloat16(bits));
  return out;
}

void write_probe(ByteWriter& out, const TowerProbe& probe) {
  out.varint(probe.actions.size());
  for (const TowerAction& action : probe.actions) {
    out.fixed(action.item);
    out.fixed(action.kind);
    out.fixed(action.time_ms);
  }
  out.array<std::uint32_t>(probe.profile);
  write_floats(out, probe.user);
}

TowerProbe read_probe(ByteReader& in) {
  TowerProbe probe;
  const std::uint64_t actions = in.varint();
  for (std::uint64_t k = 0; k < actions && !in.failed(); ++k) {
    TowerAction action;
    action.item = in.fixed<std::uint32_t>();
    action.kind = in.fixed<std::uint8_t>();
    action.time_ms = in.fixed<TimestampMs>();
    probe.actions.push_back(action);
  }
  probe.profile = in.array<std::uint32_t>();
  probe.user = in.array<float>();
  return probe;
}

void write_shape(ByteWriter& out, const TwoTowerShape& shape) {
  for (const std::uint32_t value : {shape.items, shape.dims, shape.layers, shape.heads, shape.inner,
                                    shape.length, shape.item_buckets, shape.profile_buckets}) {
    out.fixed(value);
  }
  out.fixed(shape.token_scale);
}

TwoTowerShape read_shape(ByteReader& in) {
  TwoTowerShape shape;
  for (std::uint32_t* value : {&shape.items, &shape.dims, &shape.layers, &shape.heads, &shape.inner,
                               &shape.length, &shape.item_buckets, &shape.profile_buckets}) {
    *value = in.fixed<std::uint32_t>();
  }
  shape.token_scale = in.fixed<float>();
  return shape;
}

void write_layer(ByteWriter& out, const TowerLayerWeights& layer) {
  write_floats(out, layer.attention_gain);
  write_floats(out, layer.attention_bias);
  write_matrix(out, layer.project);
  write_floats(out, layer.project_bias);
  write_floats(out, layer.distance_bias);
  write_matrix(out, layer.merge);
  write_floats(out, layer.merge_bias);
  write_floats(out, layer.inner_gain);
  write_floats(out, layer.inner_bias);
  write_matrix(out, layer.widen);
  write_floats(out, layer.widen_bias);
  write_matrix(out, layer.narrow);
  write_floats(out, layer.narrow_bias);
}

TowerLayerWeights read_layer(ByteReader& in) {
  TowerLayerWeights layer;
  layer.attention_gain = in.array<float>();
  layer.attention_bias = in.array<float>();
  layer.project = read_matrix(in);
  layer.project_bias = in.array<float>();
  layer.distance_bias = in.array<float>();
  layer.merge = read_matrix(in);
  layer.merge_bias = in.array<float>();
  layer.inner_gain = in.array<float>();
  layer.inner_bias = in.array<float>();
  layer.widen = read_matrix(in);
  layer.widen_bias = in.array<float>();
  layer.narrow = read_matrix(in);
  layer.narrow_bias = in.array<float>();
  return layer;
}

}  // namespace

std::string TwoTowerModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  write_shape(out, weights_.shape);
  write_floats(out, weights_.item_vectors);
  write_floats(out, weights_.kinds);
  write_floats(out, weights_.gaps);
  write_floats(out, weights_.profile_embeddings);
  for (const TowerLayerWeights& layer : weights_.layers) write_layer(out, layer);
  write_floats(out, weights_.last_gain);
  write_floats(out, weights_.last_bias);
  write_floats(out, weights_.feature_embeddings);
  write_floats(out, weights_.feature_widen);
  write_floats(out, weights_.feature_widen_bias);
  write_floats(out, weights_.feature_narrow);
  write_floats(out, weights_.feature_narrow_bias);
  out.varint(weights_.probes.size());
  for (const TowerProbe& probe : weights_.probes) write_probe(out, probe);
  return sealed(std::move(out));
}

Result<TwoTowerModel> TwoTowerModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_sealed(bytes, kTag, kFormat, kName));
  TwoTowerWeights weights;
  weights.shape = read_shape(in);
  if (in.failed() || !weights.shape.check().ok()) return corrupt_model(kName);
  weights.item_vectors = in.array<float>();
  weights.kinds = in.array<float>();
  weights.gaps = in.array<float>();
  weights.profile_embeddings = in.array<float>();
  for (std::uint32_t l = 0; l < weights.shape.layers; ++l) weights.layers.push_back(read_layer(in));
  weights.last_gain = in.array<float>();
  weights.last_bias = in.array<float>();
  weights.feature_embeddings = in.array<float>();
  weights.feature_widen = in.array<float>();
  weights.feature_widen_bias = in.array<float>();
  weights.feature_narrow = in.array<float>();
  weights.feature_narrow_bias = in.array<float>();
  const std::uint64_t probes = in.varint();
  for (std::uint64_t k = 0; k < probes && !in.failed(); ++k) weights.probes.push_back(read_probe(in));
  if (in.failed() || !in.at_end() || !weights.check().ok()) return corrupt_model(kName);
  TwoTowerModel model(std::move(weights));
  if (const float error = model.worst_probe_error(); !(error <= kLargestProbeError)) {
    return Error{ErrorCode::corrupt,
                 "the two_tower model computes its own probes wrongly (relative error " +
                     std::to_string(error) + ", at most " + std::to_string(kLargestProbeError) +
                     "); go back to the version before it, or train a new one",
                 std::string(kName)};
  }
  return model;
}

}  // namespace winnow
