// The check that models make of their options: each lies in its range, or an error names it and says what
// would.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace winnow {

template <class T>
Error outside_range(std::string_view option, T value, std::string_view allowed) {
  return {ErrorCode::invalid, fmt::format("{} is {}; give {}", option, value, allowed), std::string(option)};
}

// From `least` to `most`, both allowed. NaN is in no range.
template <class T>
Status in_range(std::string_view option, T value, std::type_identity_t<T> least,
                std::type_identity_t<T> most) {
  if (value >= least && value <= most) return {};
  constexpr std::string_view kWords = std::integral<T> ? "{} to {}" : "a number from {} to {}";
  return outside_range(option, value, fmt::format(fmt::runtime(kWords), least, most));
}

inline Status above_zero(std::string_view option, float value, float most) {
  if (value > 0 && value <= most) return {};
  return outside_range(option, value, fmt::format("a number above 0, at most {}", most));
}

inline Status first_error(std::initializer_list<Status> checks) {
  for (const Status& check : checks) {
    if (!check.ok()) return check;
  }
  return {};
}

}  // namespace winnow
