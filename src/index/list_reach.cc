#include "index/list_reach.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace winnow {

namespace {

// The part of a standard normal distribution above x; a few hundredths of itself off up to 3, then too high.
float tail_above(float x) {
  const float size = std::abs(x);
  const float tail = 0.5f * std::exp(-size * (0.717f + 0.416f * size));
  return x >= 0 ? tail : 1 - tail;
}

}  // namespace

ListReach::ListReach(const IvfParts& parts, const QueryCodes& query, float reach)
    : parts_(parts),
      query_(query),
      of_points_(parts.space.metric() == Metric::l2),
      reads_all_(reach >= SearchEffort::kReadAll || !query.has_direction()),
      reach_(reach) {}

ListReach::Outlook ListReach::outlook(std::uint32_t list, std::int32_t centroid_score) const {
  const ListShape& shape = parts_.shapes[list];
  const float product = query_.centroid_product(centroid_score);
  if (!of_points_) return {product * shape.cohesion, shape.spread * query_.length()};
  const float distance_square = query_.length() * query_.length() - 2 * product;
  return {product - shape.cohesion, shape.spread * std::sqrt(std::max(distance_square, 0.0f))};
}

float ListReach::length_at(std::uint32_t list, std::uint32_t position) const {
  const std::uint32_t block = position / kBlockItems;
  return block * kBlockItems < parts_.list_begin[list] ? parts_.shapes[list].longest
                                                       : parts_.block_length[block];
}

float ListReach::promise(std::uint32_t list, std::int32_t centroid_score, float length) const {
  if (reads_all_ || of_points_) return static_cast<float>(centroid_score);
  const Outlook look = outlook(list, centroid_score);
  // Not as far as `reach`: what lies in the outermost tail of a wide list is one vector, of a near one many.
  constexpr float kDeviations = 1.5f;
  return (look.centre + kDeviations * look.deviation) * std::max(length, parts_.shapes[list].longest);
}

std::uint32_t ListReach::end(std::uint32_t list, std::int32_t centroid_score, std::int32_t threshold) const {
  const std::uint32_t first = parts_.list_begin[list];
  const std::uint32_t last = parts_.list_begin[list + 1];
  if (reads_all_ || threshold == std::numeric_limits<std::int32_t>::min()) return last;
  const float wanted = query_.code_product(threshold);
  const Outlook look = outlook(list, centroid_score);
  const float highest = look.centre + reach_ * look.deviation;
  if (of_points_) return highest > wanted ? last : first;
  if (wanted <= 0) return last;
  if (highest <= 0 || parts_.shapes[list].longest * highest <= wanted) return first;
  // The first block is read: it holds the longest.
  const std::uint32_t from = first / kBlockItems + 1;
  const std::uint32_t to = (last + kBlockItems - 1) / kBlockItems;
  if (from >= to) return last;
  const auto lengths = parts_.block_length.subspan(from, to - from);
  const auto end = std::partition_point(lengths.begin(), lengths.end(),
                                        [&](float length) { return length * highest > wanted; });
  return std::min(last, (from + static_cast<std::uint32_t>(end - lengths.begin())) * kBlockItems);
}

float ListReach::expected_above(std::uint32_t list, std::int32_t centroid_score, float product,
                                float count) const {
  constexpr std::uint32_t kLengths = 4;
  const Outlook look = outlook(list, centroid_score);
  const float unit = 1 / std::max(look.deviation, 1e-30f);
  if (of_points_) {
    const float tail = tail_above((product - look.centre) * unit);
    return std::isfinite(tail) ? count * tail : count;
  }
  const std::uint32_t first = parts_.list_begin[list];
  const std::uint32_t size = parts_.list_begin[list + 1] - first;
  float sum = 0;
  for (std::uint32_t i = 0; i < kLengths; ++i) {
    const float length = std::max(length_at(list, first + (2 * i + 1) * size / (2 * kLengths)), 1e-30f);
    sum += tail_above((product / length - look.centre) * unit);
  }
  return std::isfinite(sum) ? count * sum / kLengths : count;
}

}  // namespace winnow
