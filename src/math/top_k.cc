#include "math/top_k.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>

// This file is compiled once for every instruction set that Highway knows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/top_k.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Appends to the `count` rows in `out` those from `next` on whose score is above the threshold, until all are
// through or there is no room for another block of lanes. Returns how many are in `out`; moves `next` on.
std::size_t collect_above_of(std::span<const float> scores, float threshold, std::span<ScoredRow> out,
                             std::size_t count, std::size_t& next) {
  static_assert(sizeof(ScoredRow) == 2 * sizeof(float) && offsetof(ScoredRow, score) == sizeof(float));
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const std::size_t lanes = hn::Lanes(d);
  const auto limit = hn::Set(d, threshold);
  const float* HWY_RESTRICT in = scores.data();
  // An item and its score, as two lanes of 32 bits.
  auto* const pairs = reinterpret_cast<std::uint32_t*>(out.data());
  std::size_t i = next;
  while (i + lanes <= scores.size()) {
    if (i + 4 * lanes <= scores.size()) {
      const auto highest =
          hn::Max(hn::Max(hn::LoadU(d, in + i), hn::LoadU(d, in + i + lanes)),
                  hn::Max(hn::LoadU(d, in + i + 2 * lanes), hn::LoadU(d, in + i + 3 * lanes)));
      if (hn::AllFalse(d, hn::Gt(highest, limit))) {
        i += 4 * lanes;
        continue;
      }
    }
    const auto block = hn::LoadU(d, in + i);
    const auto above = hn::Gt(block, limit);
    const std::size_t found = hn::CountTrue(d, above);
    if (found > 0) {
      if (count + lanes > out.size()) break;
      const auto rows = hn::Iota(du, static_cast<std::uint32_t>(i));
      hn::StoreInterleaved2(hn::Compress(rows, hn::RebindMask(du, above)),
                            hn::BitCast(du, hn::Compress(block, above)), du, pairs + 2 * count);
      count += found;
    }
    i += lanes;
  }
  for (; i < scores.size() && count < out.size(); ++i) {
    if (in[i] > threshold) out[count++] = {static_cast<std::uint32_t>(i), in[i]};
  }
  next = i;
  return count;
}

std::size_t lanes_of() { return hn::Lanes(hn::ScalableTag<float>()); }

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "math/score_keys.h"

namespace winnow {

HWY_EXPORT(collect_above_of);
HWY_EXPORT(lanes_of);

namespace {

constexpr std::size_t kSample = 512;

// A threshold that about k + 3 sqrt(k) scores beat, seen by a sample; kMasked where a sample would not pay.
float sampled_threshold(std::span<const float> scores, std::size_t k) {
  if (scores.size() < 4 * kSample || scores.size() < 3 * k) return kMasked;
  std::array<float, kSample> sample;
  for (std::size_t i = 0; i < kSample; ++i) sample[i] = scores[i * scores.size() / kSample];
  const double expected = static_cast<double>(k * kSample) / static_cast<double>(scores.size());
  const auto rank = static_cast<std::ptrdiff_t>(expected + 3 * std::sqrt(expected) + 1);
  std::nth_element(sample.begin(), sample.begin() + rank, sample.end(), std::greater<>());
  return sample[static_cast<std::size_t>(rank)];
}

// Collects rows that beat the threshold; when there is no room for more, throws away all but the best k and
// raises the threshold to the worst of them. Positions rise, so a later score equal to the threshold can
// never win a tie. Fewer than k come back when fewer beat the threshold.
std::vector<ScoredRow> best_above(std::span<const float> scores, std::size_t k, float threshold) {
  const std::size_t room = std::max<std::size_t>(2 * k, 64) + HWY_DYNAMIC_DISPATCH(lanes_of)();
  const auto collect_above = HWY_DYNAMIC_DISPATCH(collect_above_of);
  std::vector<ScoredRow> kept;
  std::size_t next = 0;
  while (next < scores.size()) {
    const std::size_t count = kept.size();
    kept.resize(room);
    kept.resize(collect_above(scores, threshold, kept, count, next));
    if (kept.size() <= k) continue;
    keep_best(kept, k);
    threshold = std::ranges::min(kept, {}, &ScoredRow::score).score;
  }
  return kept;
}

}  // namespace

std::vector<ScoredRow> select_top_k(std::span<const float> scores, std::size_t k) {
  k = std::min(k, scores.size());
  if (k == 0) return {};
  const float threshold = sampled_threshold(scores, k);
  std::vector<ScoredRow> kept = best_above(scores, k, threshold);
  // The sample was unlucky, or many scores are equal.
  if (kept.size() < k && threshold != kMasked) kept = best_above(scores, k, kMasked);
  return kept;
}

std::vector<ScoredRow> top_k(std::span<const float> scores, std::size_t k) {
  std::vector<ScoredRow> kept = select_top_k(scores, k);
  std::sort(kept.begin(), kept.end(), RanksBefore());
  return kept;
}

namespace reference {

std::vector<ScoredRow> top_k(std::span<const float> scores, std::size_t k) {
  std::vector<ScoredRow> all;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] != kMasked) all.push_back({static_cast<std::uint32_t>(i), scores[i]});
  }
  std::sort(all.begin(), all.end(), RanksBefore());
  all.resize(std::min(k, all.size()));
  return all;
}

}  // namespace reference
}  // namespace winnow
#endif  // HWY_ONCE
