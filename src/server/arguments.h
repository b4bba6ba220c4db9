// Arguments: the values of a route's parameters in one request, checked and decoded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

struct Parameter;

class Arguments final {
 public:
  struct Value {
    bool given = false;
    std::string text;
    std::int64_t integer = 0;
    std::vector<std::string> list;
  };

  // Forgets all values; those of `parameters` are wanted now.
  void expect(std::span<const Parameter> parameters);

  // Takes one still encoded value. Errors: invalid, naming the parameter.
  Status take(std::size_t parameter, std::string_view encoded);

  // Reads "a=b&c=d". A parameter that is given twice is an error, except for lists; one that is not known is
  // an error that names the nearest known. An empty text counts as not given.
  Status take_query(std::string_view query);

  // Missing required parameters.
  Status check_complete() const;

  // By the parameter's name, which must be one of the route's.
  const std::string& text(std::string_view name) const { return (*this)[name].text; }
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  const std::vector<std::string>& list(std::string_view name) const { return (*this)[name].list; }
  bool given(std::string_view name) const { return (*this)[name].given; }

  const Parameter* find(std::string_view name) const;

 private:
  const Value& operator[](std::string_view name) const;

  std::span<const Parameter> parameters_;
  std::vector<Value> values_;  // the first parameters_.size() are in use
};

}  // namespace winnow
