// Which part of a list may still hold a candidate.
//
// Let a list's directions have mean m (|m| its cohesion) and standard deviation s along a random direction. A
// query q then meets directions u of that list with <q, u> up to about <q, m> + reach * s * |q|, so a vector
// of length n scores at most n times that. The list is ordered by falling length: it is read down to where
// this is no more than the threshold that a candidate must beat. <q, m> is known from the centroid's score,
// since m is |m| times the centroid; the threshold from the integer scores. A list of one direction has no
// spread, and reach = kReadAll reads everything.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "index/ivf_index.h"

namespace winnow {

// A query's bytes, and how they came about: byte = about scale * coordinate.
struct QueryBytes {
  std::span<const std::int8_t> bytes;
  float scale = 1;
};

class ListReach final {
 public:
  // rotated: the query as the quantizer rotates it. centroid_query: its bytes for centroids, code_query: for
  // the codes.
  ListReach(const IvfParts& parts, std::span<const float> rotated, const QueryBytes& centroid_query,
            const QueryBytes& code_query, float reach);

  // The leading blocks of a list that may hold an item which beats the threshold, an integer score of the
  // codes.
  std::uint32_t blocks(std::uint32_t list, std::int32_t centroid_score, std::int32_t threshold) const;

 private:
  const IvfParts& parts_;
  bool reads_all_;
  float length_ = 0;  // of the query
  float reach_ = 0;
  // <q, centroid> = (score - centroid_zero_) * centroid_unit_, and alike for codes, plus the mean that they
  // leave out.
  float centroid_zero_ = 0;
  float centroid_unit_ = 0;
  float code_zero_ = 0;
  float code_unit_ = 0;
  float mean_product_ = 0;
};

}  // namespace winnow
