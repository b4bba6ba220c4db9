#include "math/top_k.h"

#include <algorithm>

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

// Keeps up to 2k (at least 64) rows that beat the threshold; when full, throws away all but the best k and
// raises the threshold to the worst of them. Positions rise, so a later score equal to the threshold can
// never win a tie.
std::vector<ScoredRow> top_k(std::span<const float> scores, std::size_t k) {
  k = std::min(k, scores.size());
  if (k == 0) return {};
  const std::size_t lanes = HWY_DYNAMIC_DISPATCH(lanes_of)();
  const auto next_above = HWY_DYNAMIC_DISPATCH(next_above_of);
  const std::size_t capacity = std::max<std::size_t>(2 * k, 64);
  std::vector<ScoredRow> kept;
  kept.reserve(capacity);
  float threshold = kMasked;
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
