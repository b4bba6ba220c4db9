// Where and why a text is not JSON (RFC 8259): the slow, obvious reader behind simdjson's fast one.
//
// Only asked when simdjson refuses a text, so that the answer can say more than "no". The two agree on which
// texts are JSON (a property test holds them to it); this one also knows the place.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace winnow {

struct JsonFault {
  enum class Kind { malformed, number_range } kind = Kind::malformed;
  std::size_t offset = 0;  // of the offending byte
  std::string message;     // "expected ',' or '}'"
  std::string path;        // of the value: "events[3].value"; only for number_range
};

// The first fault, or nothing. Nesting beyond `max_depth` is one. Numbers must fit a double, and whole ones
// 64 bits.
std::optional<JsonFault> find_json_fault(std::string_view text, std::size_t max_depth);

// Whole numbers that 64 bits cannot hold become floating-point ones: "123...9" is written "123...9e0". True
// when there was one; then the text is one that may be read after all. O(size of the text).
bool widen_integers(std::string& text);

}  // namespace winnow
