// Float vectors to the bytes that the kernels scan (block_codes.h), and queries to theirs.
//
// Vectors are rotated, shifted by a mean, and scaled by one factor for all: sums of products then compare
// across items. Neither shift changes an order: subtracting the mean adds the same number to every item's
// score, and so does the offset that makes codes unsigned. The scale clips one value in ten thousand (int8);
// with the few steps of int4, what serves the longest vectors best: by inner product they are the results.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/block_codes.h"
#include "index/rotation.h"

namespace winnow {

class Quantizer final {
 public:
  struct Parameters {
    CodeWidth width = CodeWidth::int8;
    std::uint64_t rotation_seed = 1;
    float scale = 1;
    std::vector<float> mean;  // padded dims, of the rotated vectors
    float deviation = 1;      // of a coordinate from its mean, root mean square
    float error = 0;          // of a coordinate's code, likewise
  };

  explicit Quantizer(Parameters parameters);

  // sample: some rows x dims stored vectors, dims a multiple of 16.
  static Quantizer learn(CodeWidth width, std::uint64_t rotation_seed, std::uint32_t dims,
                         std::span<const float> sample);

  const Parameters& parameters() const { return parameters_; }
  std::uint32_t dims() const { return static_cast<std::uint32_t>(parameters_.mean.size()); }
  std::uint32_t code_bytes() const { return winnow::code_bytes(dims(), parameters_.width); }

  // The code of a stored vector, in the order of its block bytes. out: code_bytes(). scratch: dims floats.
  void encode(std::span<const float> vector, std::span<float> scratch, std::uint8_t* out) const;

  // The query's bytes, dims of them: as int8 codes want them, bounded as scan_kernels.h says, or as int4
  // codes do.
  // Returns their scale: a byte is about scale times the number.
  static float quantise_query(std::span<const float> rotated, CodeWidth width, std::int8_t* out);

  // What a code has where a vector is zero after its shift: 128, or 7.5 of 0 .. 15.
  float zero() const { return parameters_.width == CodeWidth::int8 ? 128.0f : 7.5f; }

  const Rotation& rotation() const { return rotation_; }

 private:
  Parameters parameters_;
  Rotation rotation_;
};

// Copies a code into its lane of a block.
void put_code(const std::uint8_t* code, std::uint32_t bytes, std::uint8_t* block, std::uint32_t lane);
// And out of it again.
void take_code(const std::uint8_t* block, std::uint32_t lane, std::uint32_t bytes, std::uint8_t* code);

}  // namespace winnow
