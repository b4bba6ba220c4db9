// The kernels with AVX-512 VNNI: vpdpbusd multiplies 64 bytes by a broadcast word of the query and adds the
// products to sixteen 32-bit sums, exactly. Only functions with the target attribute are defined here, and no
// templates or inline functions of others are instantiated with it, so nothing compiled for AVX-512 can be
// linked into other code.
#if defined(__x86_64__)

// GCC 12's own headers begin registers of no matter with themselves, and it warns of that where they are
// inlined.
#pragma GCC diagnostic ignored "-Wuninitialized"

#include <immintrin.h>

#include <limits>

#include "index/block_codes.h"
#include "index/scan_kernels.h"

#define WINNOW_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define WINNOW_AVX512_INLINE WINNOW_AVX512 __attribute__((always_inline)) inline

namespace winnow::avx512 {
namespace {

// Far enough ahead to hide the latency of memory, near enough to stay inside most lists.
constexpr std::uint32_t kPrefetchBytes = 4096;

WINNOW_AVX512_INLINE __m512i broadcast_word(const std::int8_t* query) {
  std::int32_t word;
  __builtin_memcpy(&word, query, 4);
  return _mm512_set1_epi32(word);
}

WINNOW_AVX512_INLINE __m512i sum_of(__m512i a, __m512i b, __m512i c, __m512i d) {
  return _mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d));
}

// Four chains of sums hide the latency of vpdpbusd.
WINNOW_AVX512_INLINE __m512i score_block_int8(const std::uint8_t* block, const std::int8_t* query,
                                              std::uint32_t dims) {
  __m512i a = _mm512_setzero_si512();
  __m512i b = a;
  __m512i c = a;
  __m512i d = a;
  for (std::uint32_t i = 0; i < dims; i += 16) {
    const std::uint8_t* const line = block + std::size_t{i} * 16;
    a = _mm512_dpbusd_epi32(a, _mm512_load_si512(line), broadcast_word(query + i));
    b = _mm512_dpbusd_epi32(b, _mm512_load_si512(line + 64), broadcast_word(query + i + 4));
    c = _mm512_dpbusd_epi32(c, _mm512_load_si512(line + 128), broadcast_word(query + i + 8));
    d = _mm512_dpbusd_epi32(d, _mm512_load_si512(line + 192), broadcast_word(query + i + 12));
  }
  return sum_of(a, b, c, d);
}

WINNOW_AVX512_INLINE __m512i score_block_int4(const std::uint8_t* block, const std::int8_t* query,
                                              std::uint32_t dims) {
  const __m512i low = _mm512_set1_epi8(15);
  __m512i a = _mm512_setzero_si512();
  __m512i b = a;
  __m512i c = a;
  __m512i d = a;
  for (std::uint32_t i = 0; i < dims; i += 16) {
    const std::uint8_t* const line = block + std::size_t{i} * 8;
    const __m512i first = _mm512_load_si512(line);
    const __m512i second = _mm512_load_si512(line + 64);
    a = _mm512_dpbusd_epi32(a, _mm512_and_si512(first, low), broadcast_word(query + i));
    b = _mm512_dpbusd_epi32(b, _mm512_and_si512(_mm512_srli_epi16(first, 4), low),
                            broadcast_word(query + i + 4));
    c = _mm512_dpbusd_epi32(c, _mm512_and_si512(second, low), broadcast_word(query + i + 8));
    d = _mm512_dpbusd_epi32(d, _mm512_and_si512(_mm512_srli_epi16(second, 4), low),
                            broadcast_word(query + i + 12));
  }
  return sum_of(a, b, c, d);
}

// Packs the lanes in `mask` together and appends them.
WINNOW_AVX512_INLINE void append(__m512i scores, __m512i positions, __mmask16 mask, Collector& into) {
  _mm512_storeu_si512(into.score_end(), _mm512_maskz_compress_epi32(mask, scores));
  _mm512_storeu_si512(into.position_end(), _mm512_maskz_compress_epi32(mask, positions));
  into.grow(static_cast<std::size_t>(__builtin_popcount(mask)));
  if (into.full()) into.cut();
}

// Into the second-level cache: the way from there is short, and the first level holds few such blocks.
WINNOW_AVX512_INLINE void prefetch(const std::uint8_t* from, std::uint32_t bytes) {
  for (std::uint32_t i = 0; i < bytes; i += 64)
    _mm_prefetch(reinterpret_cast<const char*>(from + i), _MM_HINT_T1);
}

template <CodeWidth width>
WINNOW_AVX512_INLINE void scan(const BlockRun& run, const std::int8_t* query, std::uint32_t dims,
                               Collector& into) {
  const std::uint32_t bytes = block_bytes(dims, width);
  const std::uint32_t end_block = run.end_block();
  const std::uint8_t* const end = run.codes + std::size_t{end_block} * bytes;
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const std::uint8_t* codes = run.codes + std::size_t{run.first_block()} * bytes;
  for (std::uint32_t block = run.first_block(); block < end_block; ++block, codes += bytes) {
    const unsigned mask = run.lanes(block);
    if (mask == 0) continue;
    if (run.allowed == nullptr && codes + kPrefetchBytes < end) prefetch(codes + kPrefetchBytes, bytes);
    const __m512i scores = width == CodeWidth::int8 ? score_block_int8(codes, query, dims)
                                                    : score_block_int4(codes, query, dims);
    const __mmask16 better = _mm512_mask_cmpgt_epi32_mask(static_cast<__mmask16>(mask), scores,
                                                          _mm512_set1_epi32(into.threshold()));
    if (better == 0) continue;
    append(scores, _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(block * kBlockItems))), better,
           into);
  }
}

WINNOW_AVX512 void scan_int8(const BlockRun& run, const std::int8_t* query, std::uint32_t dims,
                             Collector& into) {
  scan<CodeWidth::int8>(run, query, dims, into);
}

WINNOW_AVX512 void scan_int4(const BlockRun& run, const std::int8_t* query, std::uint32_t dims,
                             Collector& into) {
  scan<CodeWidth::int4>(run, query, dims, into);
}

// The running best of one point, per lane.
struct Best {
  __m512i score;
  __m512i centroid;
};

WINNOW_AVX512_INLINE void keep_better(Best& best, __m512i scores, __m512i centroids, __mmask16 valid) {
  const __mmask16 better = _mm512_mask_cmpgt_epi32_mask(valid, scores, best.score);
  best.score = _mm512_mask_mov_epi32(best.score, better, scores);
  best.centroid = _mm512_mask_mov_epi32(best.centroid, better, centroids);
}

WINNOW_AVX512_INLINE std::uint32_t lowest_of_best(const Best& best) {
  const int highest = _mm512_reduce_max_epi32(best.score);
  const __mmask16 equal = _mm512_cmpeq_epi32_mask(best.score, _mm512_set1_epi32(highest));
  return _mm512_mask_reduce_min_epu32(equal, best.centroid);
}

// Four points against two blocks at a time: eight chains of sums, and each loaded line is used four times.
WINNOW_AVX512 void nearest(const std::uint8_t* blocks, std::uint32_t centroids, const std::int8_t* points,
                           std::uint32_t dims, std::uint32_t* nearest) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  Best best[4];
  for (Best& one : best) one = {_mm512_set1_epi32(std::numeric_limits<std::int32_t>::min()), zero};
  const std::uint32_t block_count = (centroids + kBlockItems - 1) / kBlockItems;
  for (std::uint32_t block = 0; block < block_count; block += 2) {
    const bool pair = block + 1 < block_count;
    const std::uint8_t* left = blocks + std::size_t{block} * kBlockItems * dims;
    const std::uint8_t* right = pair ? left + std::size_t{kBlockItems} * dims : left;
    __m512i l0 = zero, l1 = zero, l2 = zero, l3 = zero;
    __m512i r0 = zero, r1 = zero, r2 = zero, r3 = zero;
    for (std::uint32_t i = 0; i < dims; i += 4, left += kLineBytes, right += kLineBytes) {
      const __m512i x = _mm512_load_si512(left);
      const __m512i y = _mm512_load_si512(right);
      const __m512i q0 = broadcast_word(points + i);
      const __m512i q1 = broadcast_word(points + dims + i);
      const __m512i q2 = broadcast_word(points + std::size_t{2} * dims + i);
      const __m512i q3 = broadcast_word(points + std::size_t{3} * dims + i);
      l0 = _mm512_dpbusd_epi32(l0, x, q0);
      l1 = _mm512_dpbusd_epi32(l1, x, q1);
      l2 = _mm512_dpbusd_epi32(l2, x, q2);
      l3 = _mm512_dpbusd_epi32(l3, x, q3);
      r0 = _mm512_dpbusd_epi32(r0, y, q0);
      r1 = _mm512_dpbusd_epi32(r1, y, q1);
      r2 = _mm512_dpbusd_epi32(r2, y, q2);
      r3 = _mm512_dpbusd_epi32(r3, y, q3);
    }
    const __m512i first = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(block * kBlockItems)));
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(kBlockItems));
    const __m512i end = _mm512_set1_epi32(static_cast<int>(centroids));
    const __mmask16 first_valid = _mm512_cmplt_epu32_mask(first, end);
    const __mmask16 second_valid = pair ? _mm512_cmplt_epu32_mask(second, end) : __mmask16{0};
    keep_better(best[0], l0, first, first_valid);
    keep_better(best[1], l1, first, first_valid);
    keep_better(best[2], l2, first, first_valid);
    keep_better(best[3], l3, first, first_valid);
    keep_better(best[0], r0, second, second_valid);
    keep_better(best[1], r1, second, second_valid);
    keep_better(best[2], r2, second, second_valid);
    keep_better(best[3], r3, second, second_valid);
  }
  for (std::uint32_t p = 0; p < 4; ++p) nearest[p] = lowest_of_best(best[p]);
}

// Codes that lie by themselves go by 16 bytes, so that any padded length is whole.
WINNOW_AVX512 std::int32_t score_int8(const std::uint8_t* code, const std::int8_t* query,
                                      std::uint32_t dims) {
  __m512i sum = _mm512_setzero_si512();
  std::uint32_t i = 0;
  for (; i + 64 <= dims; i += 64) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(code + i), _mm512_loadu_si512(query + i));
  }
  const __mmask64 rest = (std::uint64_t{1} << (dims - i)) - 1;
  sum = _mm512_dpbusd_epi32(sum, _mm512_maskz_loadu_epi8(rest, code + i),
                            _mm512_maskz_loadu_epi8(rest, query + i));
  return _mm512_reduce_add_epi32(sum);
}

// Eight code bytes are spread over sixteen: words 0 and 1 to words 0 and 2, their high halves to words 1
// and 3.
WINNOW_AVX512 std::int32_t score_int4(const std::uint8_t* code, const std::int8_t* query,
                                      std::uint32_t dims) {
  const __m128i low = _mm_set1_epi8(15);
  __m128i sum = _mm_setzero_si128();
  for (std::uint32_t i = 0; i < dims; i += 16) {
    const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(code + i / 2));
    const __m128i nibbles =
        _mm_unpacklo_epi32(_mm_and_si128(eight, low), _mm_and_si128(_mm_srli_epi16(eight, 4), low));
    sum = _mm_dpbusd_epi32(sum, nibbles, _mm_loadu_si128(reinterpret_cast<const __m128i*>(query + i)));
  }
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
  return _mm_cvtsi128_si32(sum);
}

WINNOW_AVX512 float exact(const float* row, const float* query, std::uint32_t dims) {
  __m512 even = _mm512_setzero_ps();
  __m512 odd = _mm512_setzero_ps();
  std::uint32_t d = 0;
  for (; d + 32 <= dims; d += 32) {
    even = _mm512_fmadd_ps(_mm512_loadu_ps(row + d), _mm512_loadu_ps(query + d), even);
    odd = _mm512_fmadd_ps(_mm512_loadu_ps(row + d + 16), _mm512_loadu_ps(query + d + 16), odd);
  }
  if (d < dims) even = _mm512_fmadd_ps(_mm512_loadu_ps(row + d), _mm512_loadu_ps(query + d), even);
  const __m512 both = _mm512_add_ps(even, odd);
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(both), _mm512_extractf32x8_ps(both, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace

const ScanKernels kScanKernels = {scan_int8, scan_int4, nearest, score_int8, score_int4, exact};

}  // namespace winnow::avx512

#endif  // __x86_64__
