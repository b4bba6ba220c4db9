// The kernels in plain C++: the oracle of the others, and what runs where there is no AVX2.
#include <algorithm>
#include <limits>

#include "index/block_codes.h"
#include "index/scan_kernels.h"

namespace winnow::portable {
namespace {

using Sums = std::int32_t[kBlockItems];

void score_block_int8(const std::uint8_t* block, const std::int8_t* query, std::uint32_t dims, Sums& sums) {
  std::fill_n(sums, kBlockItems, 0);
  for (std::uint32_t line = 0; line < dims / 4; ++line, block += kLineBytes, query += 4) {
    for (std::uint32_t lane = 0; lane < kBlockItems; ++lane) {
      for (std::uint32_t b = 0; b < 4; ++b) sums[lane] += block[lane * 4 + b] * query[b];
    }
  }
}

void score_block_int4(const std::uint8_t* block, const std::int8_t* query, std::uint32_t dims, Sums& sums) {
  std::fill_n(sums, kBlockItems, 0);
  for (std::uint32_t line = 0; line < dims / 8; ++line, block += kLineBytes, query += 8) {
    for (std::uint32_t lane = 0; lane < kBlockItems; ++lane) {
      for (std::uint32_t b = 0; b < 4; ++b) {
        const int byte = block[lane * 4 + b];
        sums[lane] += (byte & 15) * query[b] + (byte >> 4) * query[4 + b];
      }
    }
  }
}

template <auto score_block>
void scan(const BlockRun& run, const std::int8_t* query, std::uint32_t dims, Collector& into,
          std::uint32_t bytes) {
  for (std::uint32_t block = run.first_block(); block < run.end_block(); ++block) {
    const unsigned mask = run.lanes(block);
    if (mask == 0) continue;
    Sums sums;
    score_block(run.codes + std::size_t{block} * bytes, query, dims, sums);
    for (std::uint32_t lane = 0; lane < kBlockItems; ++lane) {
      if ((mask >> lane & 1) != 0 && sums[lane] > into.threshold()) {
        into.push(sums[lane], block * kBlockItems + lane);
      }
    }
    if (into.full()) into.cut();
  }
}

void scan_int8(const BlockRun& run, const std::int8_t* query, std::uint32_t dims, Collector& into) {
  scan<score_block_int8>(run, query, dims, into, block_bytes(dims, CodeWidth::int8));
}

void scan_int4(const BlockRun& run, const std::int8_t* query, std::uint32_t dims, Collector& into) {
  scan<score_block_int4>(run, query, dims, into, block_bytes(dims, CodeWidth::int4));
}

void nearest(const std::uint8_t* blocks, std::uint32_t centroids, const std::int8_t* points,
             std::uint32_t dims, std::uint32_t* nearest) {
  for (std::uint32_t p = 0; p < 4; ++p) {
    std::int32_t best = std::numeric_limits<std::int32_t>::min();
    for (std::uint32_t first = 0; first < centroids; first += kBlockItems) {
      Sums sums;
      score_block_int8(blocks + std::size_t{first} * dims, points + std::size_t{p} * dims, dims, sums);
      for (std::uint32_t lane = 0; lane < std::min(kBlockItems, centroids - first); ++lane) {
        if (sums[lane] > best) {
          best = sums[lane];
          nearest[p] = first + lane;
        }
      }
    }
  }
}

std::int32_t score_int8(const std::uint8_t* code, const std::int8_t* query, std::uint32_t dims) {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; i < dims; ++i) sum += code[i] * query[i];
  return sum;
}

std::int32_t score_int4(const std::uint8_t* code, const std::int8_t* query, std::uint32_t dims) {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; i < dims / 2; ++i) {
    const std::int8_t* const pair = query + std::size_t{i / 4} * 8 + i % 4;
    sum += (code[i] & 15) * pair[0] + (code[i] >> 4) * pair[4];
  }
  return sum;
}

float exact(const float* row, const float* query, std::uint32_t dims) {
  float sums[16] = {};
  for (std::uint32_t d = 0; d < dims; d += 16) {
    for (std::uint32_t lane = 0; lane < 16; ++lane) sums[lane] += row[d + lane] * query[d + lane];
  }
  for (std::uint32_t half = 8; half > 0; half /= 2) {
    for (std::uint32_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

}  // namespace

const ScanKernels kScanKernels = {scan_int8, scan_int4, nearest, score_int8, score_int4, exact};

}  // namespace winnow::portable
