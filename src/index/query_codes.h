// A query as an inverted file asks it: its bytes for centroids and for codes, and what integer scores of them
// say about inner products.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/ivf_index.h"

namespace winnow {

class QueryCodes final {
 public:
  // query: stored dimensions (MetricSpace::query).
  QueryCodes(const IvfParts& parts, std::span<const float> query);

  const std::int8_t* for_centroids() const { return centroid_bytes_.data(); }
  const std::int8_t* for_codes() const {
    return code_bytes_.empty() ? centroid_bytes_.data() : code_bytes_.data();
  }

  // False for a query of nothing but zeros, whose scores say nothing.
  bool has_direction() const { return length_ > 0; }
  float length() const { return length_; }

  // The inner product that an integer score stands for.
  float centroid_product(std::int32_t score) const {
    return (static_cast<float>(score) - centroid_zero_) * centroid_unit_;
  }
  float code_product(std::int32_t score) const {
    return (static_cast<float>(score) - code_zero_) * code_unit_ + mean_product_;
  }

  // The standard deviation of code_product(score of a code) from the product with the vector itself.
  float code_error() const { return code_error_; }
  // A difference of products as one of integer scores of codes, rounded up; at most a thousand million.
  std::int32_t code_steps(float difference) const;

 private:
  std::vector<std::int8_t> centroid_bytes_;
  std::vector<std::int8_t> code_bytes_;  // empty: the same as for centroids
  float length_ = 0;
  float centroid_zero_ = 0;
  float centroid_unit_ = 0;
  float code_zero_ = 0;
  float code_unit_ = 0;
  float mean_product_ = 0;  // with the mean that codes leave out
  float code_error_ = 0;
};

}  // namespace winnow
