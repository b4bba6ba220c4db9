#include "index/list_reach.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace winnow {

namespace {

float sum_of(std::span<const std::int8_t> bytes) {
  int sum = 0;
  for (const std::int8_t byte : bytes) sum += byte;
  return static_cast<float>(sum);
}

}  // namespace

ListReach::ListReach(const IvfParts& parts, std::span<const float> rotated, const QueryBytes& centroid_query,
                     const QueryBytes& code_query, float reach)
    : parts_(parts),
      // A query of zeros has no direction; for l2 a centroid is none.
      reads_all_(reach >= SearchEffort::kReadAll || parts.space.metric() == Metric::l2 ||
                 centroid_query.scale == 0 || code_query.scale == 0),
      reach_(reach) {
  if (reads_all_) return;
  const Quantizer::Parameters& quantizer = parts.quantizer.parameters();
  float square = 0;
  for (std::size_t d = 0; d < rotated.size(); ++d) {
    square += rotated[d] * rotated[d];
    mean_product_ += rotated[d] * quantizer.mean[d];
  }
  length_ = std::sqrt(square);
  centroid_zero_ = 128 * sum_of(centroid_query.bytes);
  centroid_unit_ = 1 / (centroid_query.scale * parts.centroid_scale);
  code_zero_ = parts.quantizer.zero() * sum_of(code_query.bytes);
  code_unit_ = 1 / (code_query.scale * quantizer.scale);
}

std::uint32_t ListReach::blocks(std::uint32_t list, std::int32_t centroid_score,
                                std::int32_t threshold) const {
  const std::uint32_t first = parts_.list_begin[list] / kBlockItems;
  const std::uint32_t all = parts_.list_begin[list + 1] / kBlockItems - first;
  if (reads_all_ || threshold == std::numeric_limits<std::int32_t>::min()) return all;
  const float wanted = (static_cast<float>(threshold) - code_zero_) * code_unit_ + mean_product_;
  if (wanted <= 0) return all;
  const ListShape& shape = parts_.shapes[list];
  const float along_mean =
      (static_cast<float>(centroid_score) - centroid_zero_) * centroid_unit_ * shape.cohesion;
  const float highest = along_mean + reach_ * shape.spread * length_;  // of a vector of length 1
  if (highest <= 0) return 0;
  const auto lengths = parts_.block_length.subspan(first, all);
  const float needed = wanted / highest;
  const auto end =
      std::partition_point(lengths.begin(), lengths.end(), [&](float length) { return length > needed; });
  return static_cast<std::uint32_t>(end - lengths.begin());
}

}  // namespace winnow
