// The few messages of ONNX (onnx.proto, IR version 8) that our models need, written as Protocol Buffers.
// Private to onnx_export.cc and tests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace winnow {

// Fields of one message in the order in which they are written.
class ProtoMessage final {
 public:
  ProtoMessage& integer(std::uint32_t field, std::int64_t value) {
    out_.varint(field << 3);
    out_.varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  ProtoMessage& bytes(std::uint32_t field, std::string_view value) {
    out_.varint(field << 3 | 2);
    out_.string(value);
    return *this;
  }
  ProtoMessage& message(std::uint32_t field, const ProtoMessage& value) {
    return bytes(field, value.out_.bytes());
  }
  template <class T>  // of fixed-size numbers, packed
  ProtoMessage& array(std::uint32_t field, std::span<const T> values) {
    return bytes(field, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  }
  ProtoMessage& integers(std::uint32_t field, std::span<const std::int64_t> values) {
    ByteWriter packed;
    for (const std::int64_t value : values) packed.varint(static_cast<std::uint64_t>(value));
    return bytes(field, packed.bytes());
  }
  std::string take() { return out_.take(); }

 private:
  ByteWriter out_;
};

// A graph of one input of floats, rows x inputs, and one output, rows x outputs.
class OnnxGraph final {
 public:
  // Adds an operator and returns its first output's name, `name`; with `outputs` of them the others are
  // name_1 and so on. attributes: see below.
  std::string node(std::string_view kind, std::span<const std::string> inputs, const std::string& name,
                   std::span<const ProtoMessage> attributes = {}, std::size_t outputs = 1,
                   std::string_view domain = "");

  std::string constant(const std::string& name, std::span<const float> values,
                       std::span<const std::int64_t> dims);
  std::string constant(const std::string& name, std::span<const std::int64_t> values);

  static ProtoMessage attribute(std::string_view name, std::int64_t value);
  static ProtoMessage attribute(std::string_view name, std::string_view value);
  static ProtoMessage attribute(std::string_view name, std::span<const std::int64_t> values);
  static ProtoMessage attribute(std::string_view name, std::span<const float> values);
  static ProtoMessage attribute(std::string_view name, std::span<const std::string> values);

  static constexpr std::string_view kInput = "features";
  static constexpr std::string_view kOutput = "scores";
  static constexpr std::string_view kTreeDomain = "ai.onnx.ml";

  // The file: opset 13, and version 1 of the trees' operators.
  std::string model(std::int64_t inputs, std::int64_t outputs) &&;

 private:
  ProtoMessage graph_;
};

}  // namespace winnow
