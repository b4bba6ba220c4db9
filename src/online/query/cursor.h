// The cursor of a page: which items the pages before have shown, so that no later page repeats one.
//
// It carries the set itself, so any server can answer it, also after a restart, and the list may change
// between pages. Text: base64url of {format, hash of subject and surface, count, item indexes as ascending
// deltas, checksum}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace winnow {

// The deepest that paging goes; a cursor then takes at most about 8 KiB.
inline constexpr std::size_t kMaxCursorItems = 2000;

// shown: ascending, each once. owner: whose list of which surface.
std::string encode_cursor(std::string_view owner, const std::vector<ItemIndex>& shown);

// The items shown, ascending. invalid when the text was cut, changed, or made for somebody else.
Result<std::vector<ItemIndex>> decode_cursor(std::string_view owner, std::string_view cursor);

}  // namespace winnow
