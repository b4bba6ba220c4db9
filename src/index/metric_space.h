// Every metric as an inner product: how vectors are stored, and how a query is asked, so that one search
// serves all.
//
//     inner_product   x                                                q
//     cosine          x / |x|                                          q / |q|
//     l2              (x - m, (v - |x - m|^2) / 2b)                     (q - m, b)
//
// For l2, m is the mean vector, v the mean of |x - m|^2 and b its root: <.,.> is then (v + |q - m|^2 - |x -
// q|^2) / 2, the extra coordinate is of the size of the others, and the numbers stay small. Stored vectors
// are padded with zeros to a multiple of 16.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/row_set.h"
#include "index/vector_index.h"
#include "math/aligned.h"

namespace winnow {

class MetricSpace final {
 public:
  struct Query {
    AlignedFloats vector;  // stored_dims()
    float scale = 1;       // score = scale * <vector, stored> + offset
    float offset = 0;
  };

  MetricSpace(Metric metric, std::uint32_t dims);
  // Fits m and v where the metric has them. rows: any number x dims.
  static MetricSpace learn(Metric metric, std::uint32_t dims, std::span<const float> rows,
                           const RowSet* present);
  // The parts that learn() finds, as a snapshot keeps them: m (dims; empty unless l2) and v.
  static MetricSpace restore(Metric metric, std::uint32_t dims, std::span<const float> mean,
                             float mean_square);

  Metric metric() const { return metric_; }
  std::uint32_t dims() const { return dims_; }
  std::uint32_t stored_dims() const { return stored_dims_; }
  std::span<const float> mean() const { return mean_; }
  float mean_square() const { return mean_square_; }

  // out: stored_dims().
  void store(std::span<const float> vector, std::span<float> out) const;
  Query query(std::span<const float> query) const;

  // K-means in this space: what a stored vector looks for a centroid with, and the centroid of such points'
  // mean. For inner products and cosines both are directions (spherical k-means, Dhillon and Modha 2001); for
  // l2 they are points.
  void as_point(std::span<const float> stored, std::span<float> out) const;
  void finish_centroid(std::span<float> mean) const;

 private:
  Metric metric_;
  std::uint32_t dims_;
  std::uint32_t stored_dims_;
  std::vector<float> mean_;
  float mean_square_ = 1;
};

}  // namespace winnow
