#include "math/top_k.h"

#include <algorithm>
#include <array>
#include <cmath>
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

// The first position at or after `from` whose score is above the threshold, rounded down to the start of its
// block of lanes; n when there is none.
std::size_t next_above_of(const float* HWY_RESTRICT scores, std::size_t from, std::size_t n,
                          float threshold) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto limit = hn::Set(d, threshold);
  std::size_t i = from;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const auto highest =
        hn::Max(hn::Max(hn::LoadU(d, scores + i), hn::LoadU(d, scores + i + lanes)),
                hn::Max(hn::LoadU(d, scores + i + 2 * lanes), hn::LoadU(d, scores + i + 3 * lanes)));
    if (!hn::AllFalse(d, hn::Gt(highest, limit))) break;
  }
  for (; i + lanes <= n; i += lanes) {
    if (!hn::AllFalse(d, hn::Gt(hn::LoadU(d, scores + i), limit))) return i;
  }
  for (; i < n; ++i) {
    if (scores[i] > threshold) return i;
  }
  return n;
}

std::size_t lanes_of() { return hn::Lanes(hn::ScalableTag<float>()); }

}  // namespace HWY_NAMESPACE
}  // namespace winnow
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(next_above_of);
HWY_EXPORT(lanes_of);

namespace {

constexpr std::size_t kSample = 512;

// A threshold that about k + 3 sqrt(k) scores beat, seen by a sample; kMasked where a sample would not pay.
float sampled_threshold(std::span<const float> scores, std::size_t k) {
  if (scores.size() < 4 * kSample || scores.size() < 8 * k) return kMasked;
  std::array<float, kSample> sample;
  for (std::size_t i = 0; i < kSample; ++i) sample[i] = scores[i * scores.size() / kSample];
  const double expected = static_cast<double>(k * kSample) / static_cast<double>(scores.size());
  const auto rank = static_cast<std::ptrdiff_t>(expected + 3 * std::sqrt(expected) + 1);
  std::nth_element(sample.begin(), sample.begin() + rank, sample.end(), std::greater<>());
  return sample[static_cast<std::size_t>(rank)];
}

// Keeps up to 2k (at least 64) rows that beat the threshold; when full, throws away all but the best k and
// raises the threshold to the worst of them. Positions rise, so a later score equal to the threshold can
// never win a tie. Fewer than k come back when fewer beat the threshold.
std::vector<ScoredRow> best_above(std::span<const float> scores, std::size_t k, float threshold) {
  const std::size_t lanes = HWY_DYNAMIC_DISPATCH(lanes_of)();
  const auto next_above = HWY_DYNAMIC_DISPATCH(next_above_of);
  const std::size_t capacity = std::max<std::size_t>(2 * k, 64);
  std::vector<ScoredRow> kept;
  kept.reserve(capacity);
  const auto cut = [&] {
    std::nth_element(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(k - 1), kept.end(),
                     RanksBefore());
    kept.resize(k);
    threshold = kept[k - 1].score;
  };
  for (std::size_t i = next_above(scores.data(), 0, scores.size(), threshold); i < scores.size();
       i = next_above(scores.data(), i, scores.size(), threshold)) {
    const std::size_t end = std::min(i + lanes, scores.size());
    for (; i < end; ++i) {
      if (!(scores[i] > threshold)) continue;
      kept.push_back({static_cast<std::uint32_t>(i), scores[i]});
      if (kept.size() == capacity) cut();
    }
  }
  if (kept.size() > k) cut();
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
