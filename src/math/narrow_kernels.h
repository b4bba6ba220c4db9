// Rows times a narrow layer (narrow_layer.h), written for each CpuLevel. The integer sums, and what is made
// of them by one fused multiply-add, are the same to the bit at every level; bfloat16 adds in orders of its
// own. All are thread-safe and allocate nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "math/cpu_level.h"
#include "math/narrow_layer.h"
#include "math/panel_matrix.h"

namespace winnow {

// rows: count x layer.inputs, out: count x layer.outputs, row-major on cache lines, apart from each other,
// with room for narrow_rows(count) rows; outputs from layer.breadth on may be left as they are. bias:
// layer.outputs, on cache lines; mostly the layer's own.
struct NarrowKernels {
  // Codes in; out: numbers, or codes of what is above 0.
  void (*int8_floats)(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer, const float* bias,
                      Activation activation, float* out);
  void (*int8_codes)(const std::uint8_t* rows, std::size_t count, const Int8Layer& layer, const float* bias,
                     std::uint8_t* out);

  // bfloat16 in; out: single precision, or bfloat16 of what is above 0. Null where the processor does not
  // multiply them (below CpuLevel::avx512_bf16).
  void (*bfloat16_floats)(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                          const float* bias, Activation activation, float* out);
  void (*bfloat16_halves)(const std::uint16_t* rows, std::size_t count, const Bfloat16Layer& layer,
                          const float* bias, std::uint16_t* out);
};

// The kernels of a level that this machine can run (available_cpu_levels()).
const NarrowKernels& narrow_kernels(CpuLevel level);

namespace portable {
extern const NarrowKernels kNarrowKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const NarrowKernels kNarrowKernels;
}
namespace avx512 {
extern const NarrowKernels kNarrowKernels;          // int8 alone
extern const NarrowKernels kNarrowBfloat16Kernels;  // both
}  // namespace avx512
namespace amx {
extern const NarrowKernels kNarrowKernels;
}
#endif

}  // namespace winnow
