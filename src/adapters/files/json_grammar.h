// Whether a text is JSON (RFC 8259). Numbers may be of any size, since nothing here reads them; the text's
// UTF-8 is for the caller to check. Nesting is limited to kMaxJsonDepth.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace winnow {

inline constexpr std::size_t kMaxJsonDepth = 256;

// The first byte at which the text cannot go on as JSON (its size when it ends too early); nothing when it is
// JSON.
std::optional<std::size_t> json_error_at(std::string_view text);

// True for JSON whose outermost value is an object.
bool is_json_object(std::string_view text);

}  // namespace winnow
