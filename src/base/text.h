// Small helpers on text that errors, parsers and tables need.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

// True for well-formed UTF-8 (no surrogates, no overlong forms, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

// An external id: 1 to kMaxIdBytes bytes of UTF-8 without control characters. `field` is named in the error.
Status check_id(std::string_view id, std::string_view field);

// The known name with the smallest Damerau-Levenshtein distance, when it is near enough to be a typing slip.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

// At most `bytes` bytes of `text`, cut at a character and marked with an ellipsis: untrusted values in
// messages.
std::string excerpt(std::string_view text, std::size_t bytes = 60);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

// The whole of `text` as a number; nothing when any part of it is not.
std::optional<double> parse_double(std::string_view text);
std::optional<std::int64_t> parse_int(std::string_view text);

// 1234567 -> "1,234,567".
std::string with_thousands(std::uint64_t value);
// 1536 -> "1.5 KiB".
std::string human_bytes(std::uint64_t bytes);

// The text in JSON quotes.
std::string json_quoted(std::string_view text);
void append_json_quoted(std::string& out, std::string_view text);

}  // namespace winnow
