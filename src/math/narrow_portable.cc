// The narrow kernels in plain C++: for machines without AVX2, and what the others are tested against.
#include <algorithm>
#include <cmath>

#include "math/narrow_kernels.h"

namespace winnow {

namespace portable {
namespace {

std::int32_t sum_of(const std::uint8_t* row, const Int8Layer& layer, std::size_t output) {
  constexpr std::size_t kLine = 64;
  const auto* line = reinterpret_cast<const std::int8_t*>(layer.lines.data()) +
                     output / 16 * 16 * layer.inputs + output % 16 * 4;
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < layer.depth; i += 4, line += kLine) {
    for (std::size_t k = 0; k < 4; ++k) sum += std::int32_t{row[i + k]} * line[k];
  }
  return sum;
}

float scaled(const std::uint8_t* row, const Int8Layer& layer, const float* bias, std::size_t output) {
  return std::fma(static_cast<float>(sum_of(row, layer, output)), layer.scale[output], bias[output]);
}

void int8_floats(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer, const float* bias,
                 Activation activation, float* out) {
  for (std::size_t r = 0; r < count; ++r, rows += layer.inputs) {
    for (std::size_t o = 0; o < layer.outputs; ++o, ++out) {
      const float value = scaled(rows, layer, bias, o);
      *out = activation == Activation::relu ? std::max(value, 0.0f) : value;
    }
  }
}

void int8_codes(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer, const float* bias,
                std::uint8_t* out) {
  for (std::size_t r = 0; r < count; ++r, rows += layer.inputs) {
    for (std::size_t o = 0; o < layer.outputs; ++o, ++out) {
      *out =
          static_cast<std::uint8_t>(std::lrint(std::clamp(scaled(rows, layer, bias, o), 0.0f, kLargestCode)));
    }
  }
}

}  // namespace

const NarrowKernels kNarrowKernels = {int8_floats, int8_codes, nullptr, nullptr};

}  // namespace portable

const NarrowKernels& narrow_kernels(CpuLevel level) {
#if defined(__x86_64__)
  switch (level) {
    case CpuLevel::portable:
      break;
    case CpuLevel::avx2:
      return avx2::kNarrowKernels;
    case CpuLevel::avx512_vnni:
      return avx512::kNarrowKernels;
    case CpuLevel::avx512_bf16:
      return avx512::kNarrowBfloat16Kernels;
    case CpuLevel::amx:
      return amx::kNarrowKernels;
  }
#endif
  static_cast<void>(level);
  return portable::kNarrowKernels;
}

}  // namespace winnow
