// Adam: gradient steps scaled by running moments of each parameter's gradient (Kingma and Ba 2015).
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "base/check.h"

namespace winnow {

class Adam final {
 public:
  explicit Adam(std::size_t parameters) : first_(parameters), second_(parameters) {}

  // Moves the parameters against the gradient.
  void step(std::span<const float> gradient, float rate, std::span<float> parameters) {
    WINNOW_CHECK(gradient.size() == first_.size() && parameters.size() == first_.size());
    constexpr float kFirst = 0.9f;
    constexpr float kSecond = 0.999f;
    constexpr float kTiny = 1e-8f;
    ++steps_;
    const auto n = static_cast<double>(steps_);
    const auto first_scale = static_cast<float>(rate / (1 - std::pow(static_cast<double>(kFirst), n)));
    const auto second_scale = static_cast<float>(1 / (1 - std::pow(static_cast<double>(kSecond), n)));
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      first_[k] = kFirst * first_[k] + (1 - kFirst) * gradient[k];
      second_[k] = kSecond * second_[k] + (1 - kSecond) * gradient[k] * gradient[k];
      parameters[k] -= first_scale * first_[k] / (std::sqrt(second_scale * second_[k]) + kTiny);
    }
  }

 private:
  std::vector<float> first_;
  std::vector<float> second_;
  std::size_t steps_ = 0;
};

}  // namespace winnow
