// The request target of HTTP/1.1 (RFC 9112, 3.2): its path, its query, and percent-encoding (RFC 3986).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace winnow {

struct Target {
  std::string_view path;   // still percent-encoded; starts with '/'
  std::string_view query;  // without '?'; empty when there is none
};

// Splits origin-form ("/a?b=c") and absolute-form ("http://host/a?b=c"). Nothing for any other form.
std::optional<Target> split_target(std::string_view target);

enum class Plus { literal, space };  // '+' is a space in queries only

// Appends the decoded text; false when an escape is malformed or the result is not UTF-8 (then `out` holds a
// part).
bool append_percent_decoded(std::string& out, std::string_view text, Plus plus);

// Characters (code points) of valid UTF-8.
std::size_t utf8_length(std::string_view text);

// Everything but unreserved characters escaped: the text as one path segment or query value.
std::string percent_encoded(std::string_view text);

}  // namespace winnow
