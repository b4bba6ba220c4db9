// The inner loops of the index, chosen by CpuLevel: integer scans of blocks (block_codes.h), nearest
// centroids, and exact inner products.
//
// The integer kernels give the same sums, and append to a Collector in the same order, at every level. For
// that, an int8 query obeys a bound (Quantizer::query): within every two neighbouring lines the absolute
// values that meet in one 16-bit lane of AVX2's multiply-add sum up to at most 128, so that 255 * 128 cannot
// saturate. An int4 query is any -127 .. 127. `exact` adds in one order under AVX2 and AVX-512, so they agree
// to the bit; the portable one agrees up to rounding.
#pragma once

#include <cstdint>

#include "index/block_codes.h"
#include "index/collector.h"
#include "math/cpu_level.h"

namespace winnow {

// Positions [begin, end) of a sequence of blocks, whose arrays begin at position 0. Both ends may lie inside
// a block. live and allowed: one word per block, one bit per item; null: all. The live words may be changed
// by another thread meanwhile, each on its own.
struct BlockRun {
  const std::uint8_t* codes = nullptr;  // cache-aligned
  const std::uint16_t* live = nullptr;
  const std::uint16_t* allowed = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  std::uint32_t first_block() const { return begin / kBlockItems; }
  std::uint32_t end_block() const { return (end + kBlockItems - 1) / kBlockItems; }

  // The items of a block to look at, one bit each.
  unsigned lanes(std::uint32_t block) const {
    unsigned mask = live != nullptr ? __atomic_load_n(live + block, __ATOMIC_ACQUIRE) : 0xFFFFu;
    if (allowed != nullptr) mask &= allowed[block];
    if (block == first_block()) mask &= 0xFFFFu << begin % kBlockItems;
    if (block == end / kBlockItems) mask &= (1u << end % kBlockItems) - 1;
    return mask;
  }
};

// Later levels bring nothing to a scan, which memory bounds.
inline constexpr CpuLevel kHighestScanLevel = CpuLevel::avx512_vnni;

struct ScanKernels {
  // Scores every item whose bits are set and appends what beats the collector's threshold. query: padded
  // dims.
  void (*scan_int8)(const BlockRun& run, const std::int8_t* query, std::uint32_t dims, Collector& into);
  void (*scan_int4)(const BlockRun& run, const std::int8_t* query, std::uint32_t dims, Collector& into);

  // For four points (4 x dims, each quantised as a query) the centroid of the highest score, the lowest one
  // of equals. blocks: int8 codes of `centroids` vectors; lanes beyond them are ignored.
  void (*nearest)(const std::uint8_t* blocks, std::uint32_t centroids, const std::int8_t* points,
                  std::uint32_t dims, std::uint32_t* nearest);

  // The score of one code that lies by itself, `dims` (int4: dims / 2) bytes in the order of its block bytes.
  std::int32_t (*score_int8)(const std::uint8_t* code, const std::int8_t* query, std::uint32_t dims);
  std::int32_t (*score_int4)(const std::uint8_t* code, const std::int8_t* query, std::uint32_t dims);

  // The inner product of two vectors of `dims` floats, a multiple of 16.
  float (*exact)(const float* row, const float* query, std::uint32_t dims);
};

// The kernels of a level that this machine can run (available_cpu_levels(kHighestScanLevel)).
const ScanKernels& scan_kernels(CpuLevel level);

namespace portable {
extern const ScanKernels kScanKernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const ScanKernels kScanKernels;
}
namespace avx512 {
extern const ScanKernels kScanKernels;
}
#endif

}  // namespace winnow
