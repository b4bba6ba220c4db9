// The narrow kernels at every level of this machine: integers to the bit, bfloat16 within rounding.
#include "math/narrow_kernels.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/random.h"
#include "math/bfloat16.h"
#include "math/testing_vectors.h"

namespace winnow {
namespace {

struct Case {
  std::size_t rows, inputs, outputs;
};
constexpr Case kCases[] = {{1, 1, 1}, {1, 7, 30}, {2, 64, 64}, {5, 65, 5}, {33, 128, 100}, {70, 200, 129}};

CodeScale random_scale(Random& random, std::size_t channels) {
  CodeScale scale;
  for (std::size_t c = 0; c < channels; ++c) {
    scale.low.push_back(static_cast<float>(random.normal()));
    scale.step.push_back(static_cast<float>(0.01 + random.uniform()));
    scale.mean.push_back(scale.low.back() + 60 * scale.step.back());
  }
  return scale;
}

template <class T>
using Rows = std::vector<T, CacheAligned<T>>;

// Codes of count rows, zero beyond the channels as a layer writes them.
Rows<std::uint8_t> random_codes(Random& random, const Case& shape) {
  const std::size_t width = narrow_width(shape.inputs);
  Rows<std::uint8_t> out(narrow_rows(shape.rows) * width, 0);
  for (std::size_t r = 0; r < shape.rows; ++r) {
    for (std::size_t i = 0; i < shape.inputs; ++i) {
      out[r * width + i] = static_cast<std::uint8_t>(random.below(128));
    }
  }
  return out;
}

TEST(NarrowLayer, IntegersAreTheSameToTheBitAtEveryLevel) {
  Random random(1);
  for (const Case& shape : kCases) {
    const CodeScale in = random_scale(random, shape.inputs);
    const CodeScale out = random_scale(random, shape.outputs);
    const Int8Layer layer = make_int8_layer(random_vector(random, shape.inputs * shape.outputs),
                                            random_vector(random, shape.outputs), in, &out);
    const auto rows = random_codes(random, shape);
    const std::size_t size = shape.rows * layer.outputs;
    const std::size_t room = narrow_rows(shape.rows) * layer.outputs;
    Rows<float> numbers(room);
    Rows<std::uint8_t> codes(room);
    portable::kNarrowKernels.int8_floats(rows.data(), shape.rows, layer, layer.bias.data(), Activation::none,
                                         numbers.data());
    portable::kNarrowKernels.int8_codes(rows.data(), shape.rows, layer, layer.bias.data(), codes.data());
    for (const CpuLevel level : available_cpu_levels()) {
      SCOPED_TRACE(name_of(level));
      for (const Activation activation : {Activation::none, Activation::relu}) {
        Rows<float> found(room, 0.0f);
        narrow_kernels(level).int8_floats(rows.data(), shape.rows, layer, layer.bias.data(), activation,
                                          found.data());
        for (std::size_t i = 0; i < size; ++i) {
          const float wanted = activation == Activation::relu ? std::max(numbers[i], 0.0f) : numbers[i];
          ASSERT_EQ(found[i], wanted) << "at " << i;
        }
      }
      Rows<std::uint8_t> found(room, 0);
      narrow_kernels(level).int8_codes(rows.data(), shape.rows, layer, layer.bias.data(), found.data());
      for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(found[i], codes[i]) << "at " << i;
    }
  }
}

// What AVX2 must not saturate at: the largest codes at all weights of one sign, for every output.
TEST(NarrowLayer, SumsAreExactWhereAllProductsAreAsLargeAsCanBe) {
  Random random(2);
  constexpr std::size_t kInputs = 128;
  constexpr std::size_t kOutputs = 64;
  for (const bool flat : {true, false}) {
    std::vector<float> weights(kInputs * kOutputs, 1.0f);
    if (!flat) weights = random_vector(random, weights.size());
    const CodeScale in{std::vector<float>(kInputs, 0.0f), std::vector<float>(kInputs, 1.0f),
                       std::vector<float>(kInputs, 64.0f)};
    Int8Layer layer = make_int8_layer(weights, std::vector<float>(kOutputs), in, nullptr);
    layer.scale.assign(kOutputs, 1.0f);
    layer.bias.assign(kOutputs, 0.0f);
    for (std::size_t o = 0; o < kOutputs; ++o) {
      for (const int sign : {1, -1}) {
        Rows<std::uint8_t> row(kNarrowRows * kInputs, 0);
        int wanted = 0;
        for (std::size_t i = 0; i < kInputs; ++i) {
          if (layer.weight(i, o) * sign > 0) row[i] = 127;
          wanted += row[i] * layer.weight(i, o);
        }
        for (const CpuLevel level : available_cpu_levels()) {
          Rows<float> out(kNarrowRows * kOutputs, 0.0f);
          narrow_kernels(level).int8_floats(row.data(), 1, layer, layer.bias.data(), Activation::none,
                                            out.data());
          ASSERT_EQ(out[o], static_cast<float>(wanted)) << name_of(level);
        }
      }
    }
  }
}

TEST(NarrowLayer, Int8StandsForTheProductOfNumbers) {
  Random random(3);
  constexpr Case kShape{40, 96, 33};
  auto numbers = random_vector(random, kShape.rows * kShape.inputs);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = numbers[i] * static_cast<float>(i % kShape.inputs + 1) + 5;  // channels of different ranges
  }
  const CodeScale in = code_scale_of(numbers, kShape.inputs);
  const auto weights = random_vector(random, kShape.inputs * kShape.outputs);
  const auto bias = random_vector(random, kShape.outputs);
  const Int8Layer layer = make_int8_layer(weights, bias, in, nullptr);
  Rows<std::uint8_t> codes(narrow_rows(kShape.rows) * layer.inputs, 0);
  for (std::size_t r = 0; r < kShape.rows; ++r) {
    for (std::size_t i = 0; i < kShape.inputs; ++i) {
      const float code = (numbers[r * kShape.inputs + i] - in.low[i]) / in.step[i];
      codes[r * layer.inputs + i] = static_cast<std::uint8_t>(std::lrint(code));
    }
  }
  Rows<float> out(narrow_rows(kShape.rows) * layer.outputs);
  narrow_kernels(best_cpu_level())
      .int8_floats(codes.data(), kShape.rows, layer, layer.bias.data(), Activation::none, out.data());
  double error = 0;
  double size = 0;
  for (std::size_t r = 0; r < kShape.rows; ++r) {
    for (std::size_t o = 0; o < kShape.outputs; ++o) {
      double wanted = bias[o];
      for (std::size_t i = 0; i < kShape.inputs; ++i) {
        wanted += static_cast<double>(numbers[r * kShape.inputs + i]) * weights[i * kShape.outputs + o];
      }
      error += std::pow(out[r * layer.outputs + o] - wanted, 2);
      size += wanted * wanted;
    }
  }
  EXPECT_LT(std::sqrt(error / size), 0.025);
}

TEST(NarrowLayer, CodesReachBeyondWhatWasSeenToBothSides) {
  const std::vector<float> rows = {3, 10, 3, 20, 3, 30};
  const CodeScale scale = code_scale_of(rows, 2);
  EXPECT_EQ(scale.mean, (std::vector<float>{3, 20}));
  EXPECT_NEAR(scale.low[1], 7, 1e-4);
  EXPECT_NEAR(scale.low[1] + 127 * scale.step[1], 33, 1e-4);
  EXPECT_GT(scale.step[0], 0) << "a channel that never changes";
  EXPECT_NEAR(scale.low[0] + 127 * scale.step[0], 3, 1);

  const CodeScale positive = positive_code_scale_of(rows, 2);
  EXPECT_THAT(positive.low, testing::Each(0.0f));
  EXPECT_NEAR(127 * positive.step[1], 39, 1e-4);
}

TEST(NarrowLayer, Bfloat16AgreesWithTheProductOfRoundedNumbersWhereTheProcessorHasIt) {
  Random random(4);
  for (const Case& shape : kCases) {
    const auto bias = random_vector(random, shape.outputs);
    const Bfloat16Layer layer =
        make_bfloat16_layer(random_vector(random, shape.inputs * shape.outputs), bias, shape.inputs);
    Rows<std::uint16_t> rows(narrow_rows(shape.rows) * layer.inputs, 0);
    for (std::size_t r = 0; r < shape.rows; ++r) {
      for (std::size_t i = 0; i < shape.inputs; ++i) {
        rows[r * layer.inputs + i] = to_bfloat16(static_cast<float>(random.normal()));
      }
    }
    for (const CpuLevel level : available_cpu_levels()) {
      const NarrowKernels& kernels = narrow_kernels(level);
      ASSERT_EQ(kernels.bfloat16_floats != nullptr, level >= CpuLevel::avx512_bf16);
      if (kernels.bfloat16_floats == nullptr) continue;
      SCOPED_TRACE(name_of(level));
      Rows<float> numbers(narrow_rows(shape.rows) * layer.outputs, 0.0f);
      Rows<float> positive(numbers.size(), 0.0f);
      Rows<std::uint16_t> halves(numbers.size(), 0);
      kernels.bfloat16_floats(rows.data(), shape.rows, layer, layer.bias.data(), Activation::none,
                              numbers.data());
      kernels.bfloat16_floats(rows.data(), shape.rows, layer, layer.bias.data(), Activation::relu,
                              positive.data());
      kernels.bfloat16_halves(rows.data(), shape.rows, layer, layer.bias.data(), halves.data());
      for (std::size_t r = 0; r < shape.rows; ++r) {
        for (std::size_t o = 0; o < layer.outputs; ++o) {
          const std::size_t at = r * layer.outputs + o;
          double wanted = o < shape.outputs ? bias[o] : 0.0;
          for (std::size_t i = 0; i < layer.inputs; ++i) {
            wanted += static_cast<double>(from_bfloat16(rows[r * layer.inputs + i])) * layer.weight(i, o);
          }
          ASSERT_NEAR(numbers[at], wanted, 1e-3);
          ASSERT_EQ(positive[at], std::max(numbers[at], 0.0f));
          ASSERT_EQ(halves[at], to_bfloat16(positive[at]));
        }
      }
    }
  }
}

}  // namespace
}  // namespace winnow
