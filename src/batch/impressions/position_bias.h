// PositionBias: how much more often a place is looked at than another, from traffic whose places were drawn
// at random.
//
// There the items of two places are alike, so the ratio of their click rates is the ratio of the propensities
// to be looked at (Joachims, Swaminathan and Schnabel 2017, Unbiased Learning-to-Rank with Biased Feedback,
// section 5.1). Rates are smoothed towards the surface's own, made to fall with the place (isotonic
// regression, weighted by impressions), divided by that of the first place, and clipped from below. A clicked
// row then weighs 1 / propensity of its place, and all others 1.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "batch/impressions/open_groups.h"
#include "batch/impressions/training_set.h"

namespace winnow {

struct PositionBiasOptions {
  std::size_t least_impressions = 200;  // explored ones of a surface; with fewer, all surfaces stand in
  double prior_impressions = 20;        // of the surface's own rate, added to every place
  double least_propensity = 0.1;        // so no weight exceeds its inverse
  std::size_t max_places = 100;         // further places count as the last
};

class PositionBias final {
 public:
  explicit PositionBias(PositionBiasOptions options) : options_(options) {}

  // Counts a closed group's explored rows. head: the click's.
  void count(const ImpressionGroup& group, std::size_t heads, std::size_t head);
  std::uint64_t explored() const { return explored_; }

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);  // damage shows in the reader

  // By place, the first being 1; falling, in [least_propensity, 1]. Empty where too little was explored.
  std::vector<double> propensities(std::uint32_t surface) const;

  // Sets the weights of the rows with a click. head: the click's.
  void weigh(TrainingSet& set, std::size_t head) const;

 private:
  struct Place {
    double shown = 0;
    double clicked = 0;
  };
  static double total_shown(const std::vector<Place>& places);
  std::vector<Place> places_of(std::uint32_t surface) const;

  PositionBiasOptions options_;
  std::map<std::uint32_t, std::vector<Place>> surfaces_;
  std::uint64_t explored_ = 0;
};

}  // namespace winnow
