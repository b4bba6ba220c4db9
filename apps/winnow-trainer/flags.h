// A command line as a table: each flag's name, what it means, and the member of Options that it sets.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace winnow {

template <class Options>
class Flags final {
 public:
  // member: &Options::name, of the type that the function's name says.
  Flags& path(std::string_view name, std::string_view help, auto member) {
    return add(name, "FILE", help, [member](Options& options, std::string_view value) -> Status {
      options.*member = value;
      return {};
    });
  }

  // A flag without a value, which sets the member to `to`.
  Flags& toggle(std::string_view name, std::string_view help, auto member, bool to = true) {
    return add(name, "", help, [member, to](Options& options, std::string_view) -> Status {
      options.*member = to;
      return {};
    });
  }

  Flags& number(std::string_view name, std::string_view help, auto member, double low, double high) {
    using Number = std::remove_cvref_t<decltype(std::declval<Options&>().*member)>;
    return add(name, "N", help, [=](Options& options, std::string_view value) -> Status {
      const auto number = parse_double(value);
      const bool whole = !number || static_cast<double>(static_cast<Number>(*number)) == *number;
      if (!number || !(*number >= low && *number <= high) || !whole)
        return bad_value(name, value, fmt::format("a number from {:g} to {:g}", low, high));
      options.*member = static_cast<Number>(*number);
      return {};
    });
  }

  // "1,0.5,2".
  Flags& numbers(std::string_view name, std::string_view help, auto member, double low, double high) {
    return add(name, "N,N...", help, [=](Options& options, std::string_view value) -> Status {
      (options.*member).clear();
      for (const std::string_view part : split(value, ',')) {
        const auto number = parse_double(part);
        if (!number || !(*number >= low && *number <= high))
          return bad_value(name, value, fmt::format("numbers from {:g} to {:g}, by commas", low, high));
        (options.*member).push_back(*number);
      }
      return {};
    });
  }

  // The member is an enum that counts the words from 0.
  template <std::size_t n>
  Flags& choice(std::string_view name, std::string_view help, auto member,
                const std::array<std::string_view, n>& words) {
    using Choice = std::remove_cvref_t<decltype(std::declval<Options&>().*member)>;
    return add(name, "WORD", help, [=](Options& options, std::string_view value) -> Status {
      const auto found = std::ranges::find(words, value);
      if (found == words.end())
        return bad_value(name, value, fmt::format("one of {}", fmt::join(words, ", ")));
      options.*member = static_cast<Choice>(found - words.begin());
      return {};
    });
  }

  // Errors name the flag, its value and the remedy.
  Result<Options> parse(std::span<const char* const> arguments) const {
    Options options;
    for (std::size_t k = 0; k < arguments.size(); ++k) {
      const std::string_view word = arguments[k];
      const auto flag = std::ranges::find(flags_, word, &Flag::name);
      if (flag == flags_.end()) {
        return Error{ErrorCode::invalid,
                     fmt::format("there is no flag '{}'; winnow-trainer --help lists them", excerpt(word)),
                     std::string(word)};
      }
      std::string_view value;
      if (!flag->value.empty()) {
        if (k + 1 == arguments.size()) return bad_value(word, "", fmt::format("{} after it", flag->value));
        value = arguments[++k];
      }
      WINNOW_RETURN_IF_ERROR(flag->set(options, value));
    }
    return options;
  }

  std::string help() const {
    std::string out;
    for (const Flag& flag : flags_)
      out += fmt::format("  {:<26} {}\n", fmt::format("{} {}", flag.name, flag.value), flag.help);
    return out;
  }

 private:
  struct Flag {
    std::string_view name;
    std::string_view value;  // how help calls it; empty for a toggle
    std::string_view help;
    std::function<Status(Options&, std::string_view)> set;
  };

  static Error bad_value(std::string_view name, std::string_view value, std::string_view wanted) {
    return {ErrorCode::invalid, fmt::format("{} is '{}'; give {}", name, excerpt(value), wanted),
            std::string(name)};
  }

  Flags& add(std::string_view name, std::string_view value, std::string_view help, auto set) {
    flags_.push_back({name, value, help, std::move(set)});
    return *this;
  }

  std::vector<Flag> flags_;
};

inline Error missing_file(std::string_view name) {
  return {ErrorCode::invalid, fmt::format("{} FILE is missing", name), std::string(name)};
}

}  // namespace winnow
