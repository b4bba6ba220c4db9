#include "models/ranking/onnx_writer.h"

namespace winnow {
namespace {

// onnx.proto's enums.
enum DataType : std::uint8_t { kFloat = 1, kInt64 = 7 };
enum AttributeType : std::uint8_t { kAnInt = 2, kAString = 3, kFloats = 6, kInts = 7, kStrings = 8 };

ProtoMessage begin_attribute(std::string_view name, AttributeType type) {
  ProtoMessage out;
  out.bytes(1, name).integer(20, type);
  return out;
}

// ValueInfoProto of a matrix with any number of rows.
ProtoMessage matrix(std::string_view name, std::int64_t columns) {
  ProtoMessage rows, wide, shape, tensor, type, out;
  rows.bytes(2, "rows");
  wide.integer(1, columns);
  shape.message(1, rows).message(1, wide);
  tensor.integer(1, kFloat).message(2, shape);
  type.message(1, tensor);
  out.bytes(1, name).message(2, type);
  return out;
}

ProtoMessage opset(std::string_view domain, std::int64_t version) {
  ProtoMessage out;
  out.bytes(1, domain).integer(2, version);
  return out;
}

}  // namespace

std::string OnnxGraph::node(std::string_view kind, std::span<const std::string> inputs,
                            const std::string& name, std::span<const ProtoMessage> attributes,
                            std::size_t outputs, std::string_view domain) {
  ProtoMessage out;
  for (const std::string& input : inputs) out.bytes(1, input);
  for (std::size_t k = 0; k < outputs; ++k) out.bytes(2, k == 0 ? name : name + "_" + std::to_string(k));
  out.bytes(3, name + "_node").bytes(4, kind);
  for (const ProtoMessage& attribute : attributes) out.message(5, attribute);
  if (!domain.empty()) out.bytes(7, domain);
  graph_.message(1, out);
  return name;
}

std::string OnnxGraph::constant(const std::string& name, std::span<const float> values,
                                std::span<const std::int64_t> dims) {
  ProtoMessage out;
  out.integers(1, dims).integer(2, kFloat).bytes(8, name).array(9, values);
  graph_.message(5, out);
  return name;
}

std::string OnnxGraph::constant(const std::string& name, std::span<const std::int64_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  ProtoMessage out;
  out.integers(1, {&size, 1}).integer(2, kInt64).bytes(8, name).array(9, values);
  graph_.message(5, out);
  return name;
}

ProtoMessage OnnxGraph::attribute(std::string_view name, std::int64_t value) {
  return std::move(begin_attribute(name, kAnInt).integer(3, value));
}

ProtoMessage OnnxGraph::attribute(std::string_view name, std::string_view value) {
  return std::move(begin_attribute(name, kAString).bytes(4, value));
}

ProtoMessage OnnxGraph::attribute(std::string_view name, std::span<const std::int64_t> values) {
  return std::move(begin_attribute(name, kInts).integers(8, values));
}

ProtoMessage OnnxGraph::attribute(std::string_view name, std::span<const float> values) {
  return std::move(begin_attribute(name, kFloats).array(7, values));
}

ProtoMessage OnnxGraph::attribute(std::string_view name, std::span<const std::string> values) {
  ProtoMessage out = begin_attribute(name, kStrings);
  for (const std::string& value : values) out.bytes(9, value);
  return out;
}

std::string OnnxGraph::model(std::int64_t inputs, std::int64_t outputs) && {
  graph_.bytes(2, "winnow").message(11, matrix(kInput, inputs)).message(12, matrix(kOutput, outputs));
  ProtoMessage out;
  out.integer(1, 8)
      .bytes(2, "winnow")
      .message(7, graph_)
      .message(8, opset("", 13))
      .message(8, opset(kTreeDomain, 1));
  return out.take();
}

}  // namespace winnow
