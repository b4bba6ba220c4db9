// The kernels with AVX2: vpmaddubsw multiplies bytes and adds neighbours into 16-bit lanes. The bound that an
// int8 query obeys (scan_kernels.h) lets two such results be added before they are widened, without ever
// saturating; with 4-bit codes it holds for any query. Only functions with the target attribute are defined
// here; see scan_avx512.cc.
#if defined(__x86_64__)

#include <immintrin.h>

#include <limits>

#include "index/block_codes.h"
#include "index/scan_kernels.h"

#define WINNOW_AVX2 __attribute__((target("avx2,fma")))
#define WINNOW_AVX2_INLINE WINNOW_AVX2 __attribute__((always_inline)) inline

namespace winnow::avx2 {
namespace {

constexpr std::uint32_t kPrefetchBytes = 2048;

// Lanes 0-7 and 8-15 of a block.
struct Sums {
  __m256i low;
  __m256i high;
};

WINNOW_AVX2_INLINE __m256i load(const std::uint8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

WINNOW_AVX2_INLINE __m256i broadcast_word(const std::int8_t* query) {
  std::int32_t word;
  __builtin_memcpy(&word, query, 4);
  return _mm256_set1_epi32(word);
}

// sums += the pairs of 16-bit lanes.
WINNOW_AVX2_INLINE __m256i widen_add(__m256i sums, __m256i lanes16) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(lanes16, _mm256_set1_epi16(1)));
}

WINNOW_AVX2_INLINE Sums score_block_int8(const std::uint8_t* block, const std::int8_t* query,
                                         std::uint32_t dims) {
  Sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (std::uint32_t i = 0; i < dims; i += 8, block += 2 * kLineBytes) {
    const __m256i q0 = broadcast_word(query + i);
    const __m256i q1 = broadcast_word(query + i + 4);
    sums.low = widen_add(sums.low, _mm256_add_epi16(_mm256_maddubs_epi16(load(block), q0),
                                                    _mm256_maddubs_epi16(load(block + 64), q1)));
    sums.high = widen_add(sums.high, _mm256_add_epi16(_mm256_maddubs_epi16(load(block + 32), q0),
                                                      _mm256_maddubs_epi16(load(block + 96), q1)));
  }
  return sums;
}

// Both halves of 32 code bytes times their words of the query: 16-bit lanes of at most 4 * 15 * 127.
WINNOW_AVX2_INLINE __m256i multiply_nibbles(__m256i codes, __m256i q_low, __m256i q_high) {
  const __m256i low = _mm256_set1_epi8(15);
  return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_and_si256(codes, low), q_low),
                          _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(codes, 4), low), q_high));
}

// Half of two lines, sixteen dimensions: at most 2 * 4 * 15 * 127 = 15,240 in a lane.
WINNOW_AVX2_INLINE __m256i multiply_lines(const std::uint8_t* half, const std::int8_t* query) {
  return _mm256_add_epi16(
      multiply_nibbles(load(half), broadcast_word(query), broadcast_word(query + 4)),
      multiply_nibbles(load(half + kLineBytes), broadcast_word(query + 8), broadcast_word(query + 12)));
}

// Four lines fit into 16 bits before they are widened.
WINNOW_AVX2_INLINE Sums score_block_int4(const std::uint8_t* block, const std::int8_t* query,
                                         std::uint32_t dims) {
  Sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  std::uint32_t i = 0;
  for (; i + 32 <= dims; i += 32, block += 4 * kLineBytes) {
    const std::uint8_t* const rest = block + 2 * kLineBytes;
    sums.low = widen_add(
        sums.low, _mm256_add_epi16(multiply_lines(block, query + i), multiply_lines(rest, query + i + 16)));
    sums.high = widen_add(sums.high, _mm256_add_epi16(multiply_lines(block + 32, query + i),
                                                      multiply_lines(rest + 32, query + i + 16)));
  }
  if (i < dims) {
    sums.low = widen_add(sums.low, multiply_lines(block, query + i));
    sums.high = widen_add(sums.high, multiply_lines(block + 32, query + i));
  }
  return sums;
}

WINNOW_AVX2_INLINE void prefetch(const std::uint8_t* from, std::uint32_t bytes) {
  for (std::uint32_t i = 0; i < bytes; i += 64)
    _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T0);
}

WINNOW_AVX2_INLINE unsigned above(__m256i scores, __m256i threshold) {
  return static_cast<unsigned>(
      _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(scores, threshold))));
}

template <CodeWidth width>
WINNOW_AVX2_INLINE void scan(const BlockRun& run, const std::int8_t* query, std::uint32_t dims,
                             Collector& into) {
  const std::uint32_t bytes = block_bytes(dims, width);
  const std::uint32_t end_block = run.end_block();
  const std::uint8_t* const end = run.codes + std::size_t{end_block} * bytes;
  const std::uint8_t* codes = run.codes + std::size_t{run.first_block()} * bytes;
  for (std::uint32_t block = run.first_block(); block < end_block; ++block, codes += bytes) {
    const unsigned mask = run.lanes(block);
    if (mask == 0) continue;
    if (run.allowed == nullptr && codes + kPrefetchBytes < end) prefetch(codes + kPrefetchBytes, bytes);
    const Sums sums = width == CodeWidth::int8 ? score_block_int8(codes, query, dims)
                                               : score_block_int4(codes, query, dims);
    const __m256i threshold = _mm256_set1_epi32(into.threshold());
    unsigned better = (above(sums.low, threshold) | above(sums.high, threshold) << 8) & mask;
    if (better == 0) continue;
    // Few lanes beat the threshold once it stands.
    alignas(32) std::int32_t scores[kBlockItems];
    _mm256_store_si256(reinterpret_cast<__m256i*>(scores), sums.low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(scores + 8), sums.high);
    const std::uint32_t first = block * kBlockItems;
    for (; better != 0; better &= better - 1) {
      const unsigned lane = static_cast<unsigned>(__builtin_ctz(better));
      into.push(scores[lane], first + lane);
    }
    if (into.full()) into.cut();
  }
}

WINNOW_AVX2 void scan_int8(const BlockRun& run, const std::int8_t* query, std::uint32_t dims,
                           Collector& into) {
  scan<CodeWidth::int8>(run, query, dims, into);
}

WINNOW_AVX2 void scan_int4(const BlockRun& run, const std::int8_t* query, std::uint32_t dims,
                           Collector& into) {
  scan<CodeWidth::int4>(run, query, dims, into);
}

struct Best {
  __m256i score;
  __m256i centroid;
};

WINNOW_AVX2_INLINE void keep_better(Best& best, __m256i scores, __m256i centroids, __m256i valid) {
  const __m256i better = _mm256_and_si256(valid, _mm256_cmpgt_epi32(scores, best.score));
  best.score = _mm256_blendv_epi8(best.score, scores, better);
  best.centroid = _mm256_blendv_epi8(best.centroid, centroids, better);
}

WINNOW_AVX2_INLINE std::uint32_t lowest_of_best(const Best& best) {
  alignas(32) std::int32_t scores[8];
  alignas(32) std::uint32_t centroids[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(scores), best.score);
  _mm256_store_si256(reinterpret_cast<__m256i*>(centroids), best.centroid);
  int at = 0;
  for (int lane = 1; lane < 8; ++lane) {
    if (scores[lane] > scores[at] || (scores[lane] == scores[at] && centroids[lane] < centroids[at]))
      at = lane;
  }
  return centroids[at];
}

// Four points against half a block at a time.
WINNOW_AVX2 void nearest(const std::uint8_t* blocks, std::uint32_t centroids, const std::int8_t* points,
                         std::uint32_t dims, std::uint32_t* nearest) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  Best best[4];
  for (Best& one : best) {
    one = {_mm256_set1_epi32(std::numeric_limits<std::int32_t>::min()), _mm256_setzero_si256()};
  }
  for (std::uint32_t first = 0; first < centroids; first += 8) {
    const std::uint8_t* half =
        blocks + std::size_t{first / kBlockItems} * kBlockItems * dims + first % kBlockItems * 4;
    __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                       _mm256_setzero_si256()};
    for (std::uint32_t i = 0; i < dims; i += 8, half += 2 * kLineBytes) {
      const __m256i x = load(half);
      const __m256i y = load(half + kLineBytes);
      for (std::uint32_t p = 0; p < 4; ++p) {
        const std::int8_t* const point = points + std::size_t{p} * dims + i;
        sums[p] = widen_add(sums[p], _mm256_add_epi16(_mm256_maddubs_epi16(x, broadcast_word(point)),
                                                      _mm256_maddubs_epi16(y, broadcast_word(point + 4))));
      }
    }
    const __m256i ids = _mm256_add_epi32(lanes, _mm256_set1_epi32(static_cast<int>(first)));
    const __m256i valid = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(centroids)), ids);
    for (std::uint32_t p = 0; p < 4; ++p) keep_better(best[p], sums[p], ids, valid);
  }
  for (std::uint32_t p = 0; p < 4; ++p) nearest[p] = lowest_of_best(best[p]);
}

WINNOW_AVX2_INLINE std::int32_t sum_of_lanes(__m256i sums) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
  return _mm_cvtsi128_si32(four);
}

WINNOW_AVX2_INLINE __m256i load16(const void* from) {
  return _mm256_zextsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(from)));
}

WINNOW_AVX2_INLINE __m256i load32(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

WINNOW_AVX2 std::int32_t score_int8(const std::uint8_t* code, const std::int8_t* query, std::uint32_t dims) {
  __m256i sums = _mm256_setzero_si256();
  std::uint32_t i = 0;
  for (; i + 32 <= dims; i += 32)
    sums = widen_add(sums, _mm256_maddubs_epi16(load32(code + i), load32(query + i)));
  if (i < dims) sums = widen_add(sums, _mm256_maddubs_epi16(load16(code + i), load16(query + i)));
  return sum_of_lanes(sums);
}

// Eight code bytes are spread over sixteen: words 0 and 1 to words 0 and 2, their high halves to words 1
// and 3.
WINNOW_AVX2 std::int32_t score_int4(const std::uint8_t* code, const std::int8_t* query, std::uint32_t dims) {
  const __m128i low = _mm_set1_epi8(15);
  __m256i sums = _mm256_setzero_si256();
  for (std::uint32_t i = 0; i < dims; i += 16) {
    const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(code + i / 2));
    const __m128i nibbles =
        _mm_unpacklo_epi32(_mm_and_si128(eight, low), _mm_and_si128(_mm_srli_epi16(eight, 4), low));
    sums = widen_add(sums, _mm256_maddubs_epi16(_mm256_zextsi128_si256(nibbles), load16(query + i)));
  }
  return sum_of_lanes(sums);
}

// Lanes 0-15 ("even") and 16-31 ("odd") of every 32 floats, as AVX-512 has them in two registers.
WINNOW_AVX2 float exact(const float* row, const float* query, std::uint32_t dims) {
  __m256 even_low = _mm256_setzero_ps();
  __m256 even_high = even_low;
  __m256 odd_low = even_low;
  __m256 odd_high = even_low;
  std::uint32_t d = 0;
  for (; d + 32 <= dims; d += 32) {
    even_low = _mm256_fmadd_ps(_mm256_loadu_ps(row + d), _mm256_loadu_ps(query + d), even_low);
    even_high = _mm256_fmadd_ps(_mm256_loadu_ps(row + d + 8), _mm256_loadu_ps(query + d + 8), even_high);
    odd_low = _mm256_fmadd_ps(_mm256_loadu_ps(row + d + 16), _mm256_loadu_ps(query + d + 16), odd_low);
    odd_high = _mm256_fmadd_ps(_mm256_loadu_ps(row + d + 24), _mm256_loadu_ps(query + d + 24), odd_high);
  }
  if (d < dims) {
    even_low = _mm256_fmadd_ps(_mm256_loadu_ps(row + d), _mm256_loadu_ps(query + d), even_low);
    even_high = _mm256_fmadd_ps(_mm256_loadu_ps(row + d + 8), _mm256_loadu_ps(query + d + 8), even_high);
  }
  const __m256 eight = _mm256_add_ps(_mm256_add_ps(even_low, odd_low), _mm256_add_ps(even_high, odd_high));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace

const ScanKernels kScanKernels = {scan_int8, scan_int4, nearest, score_int8, score_int4, exact};

}  // namespace winnow::avx2

#endif  // __x86_64__
