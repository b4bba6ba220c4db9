// The terms of the objective in als.h that training and folding in must agree on.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "models/als/als.h"

namespace winnow {

// The first option out of its range, named as "als.dims".
Status check_options(const AlsOptions& options);

class AlsObjective final {
 public:
  AlsObjective(const AlsOptions& options, float mean_weight) : options_(options), mean_weight_(mean_weight) {}

  // c of a pair with this weight.
  float confidence(float weight) const {
    return (1 + options_.confidence * weight / mean_weight_) / (1 + options_.confidence);
  }

  // lambda of a row with these confidences over `columns` columns.
  float ridge(std::span<const float> confidences, std::uint32_t columns) const {
    const float sum = std::accumulate(confidences.begin(), confidences.end(), 0.0f);
    return ridge_of_mass(sum + options_.unobserved_weight * static_cast<float>(columns));
  }
  float ridge_of_mass(float mass) const {
    return options_.regularization * std::pow(mass, options_.frequency_exponent);
  }

  // s of a user with this many items, up to the scale that makes it 1 on average over pairs.
  float share(std::size_t items, double scale = 1) const {
    return static_cast<float>(scale * std::pow(static_cast<double>(items), -options_.user_exponent));
  }

  // The diagonal of the normal equations in the eigenbasis: a0 * eigenvalue + lambda. Eigenvalues that
  // rounding made negative count as zero.
  void fill_penalty(std::span<const float> eigenvalues, float ridge, std::span<float> penalty) const {
    for (std::size_t k = 0; k < penalty.size(); ++k) {
      penalty[k] = options_.unobserved_weight * std::max(0.0f, eigenvalues[k]) + ridge;
    }
  }

 private:
  AlsOptions options_;
  float mean_weight_;
};

}  // namespace winnow
