// What a list may hold for a query: down to where it is worth reading, and how many results to expect of it.
//
// Let a list's directions have mean m (|m| its cohesion) and standard deviation s along a random direction. A
// query q then meets directions u of that list with <q, u> up to about <q, m> + reach * s * |q|, so a vector
// of length n scores at most n times that. The list is ordered by falling length: it is read down to where
// this is no more than the threshold that a candidate must beat. <q, m> is known from the centroid's score,
// since m is |m| times the centroid; the threshold from the integer scores. For l2, where lists are of points
// instead of directions, the same is said of points x round their centroid c: <q, x> as stored is that of c
// less |x - c|^2 / 2, and varies by s * |q - c|; lengths count as 1. reach = kReadAll reads everything.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "index/ivf_index.h"
#include "index/query_codes.h"

namespace winnow {

class ListReach final {
 public:
  ListReach(const IvfParts& parts, const QueryCodes& query, float reach);

  // The end of the leading positions of a list that may hold an item which beats the threshold, an integer
  // score of the codes.
  std::uint32_t end(std::uint32_t list, std::int32_t centroid_score, std::int32_t threshold) const;

  // What lists are best read in order of: about the products of the best of one's vectors, were they as long
  // as its longest or as `length`; for l2, and where all is read, how near its centroid is.
  float promise(std::uint32_t list, std::int32_t centroid_score, float length = 0) const;

  // How many of `count` items of a list, chosen at random, will have a product above this one: the directions
  // taken to be normally distributed, the lengths as they are. All of them where numbers overflow.
  float expected_above(std::uint32_t list, std::int32_t centroid_score, float product, float count) const;

 private:
  // Products of a list's vectors of length 1.
  struct Outlook {
    float centre;
    float deviation;
  };
  Outlook outlook(std::uint32_t list, std::int32_t centroid_score) const;
  float length_at(std::uint32_t list, std::uint32_t position) const;

  const IvfParts& parts_;
  const QueryCodes& query_;
  bool of_points_;  // l2
  bool reads_all_;
  float reach_;
};

}  // namespace winnow
