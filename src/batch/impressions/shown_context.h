// What an impression's context says of how it was shown: {"position": 3, "surface": "home", "explored":
// true}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace winnow {

struct ShownContext {
  std::uint16_t place = 0;  // "position", from 1; 0 when it is not given
  bool explored = false;    // the place was drawn at random
  std::string surface;      // empty when it is not given
};

// Members of other types and other names are passed over, as is a context that is no JSON object.
ShownContext read_shown_context(std::string_view context);

}  // namespace winnow
