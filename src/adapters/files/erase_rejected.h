// Erasure reaches the rows that imports turned down: they may name people too.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace winnow {

// Removes every line that mentions the user from the rejects files (*.jsonl) in `folder`, and a file that is
// then empty. A rejected row has no reliable columns, so a mention is the id standing as a word anywhere in
// the line, or the beginning of it where the row was cut: rather a row too many than one that stays. Returns
// the number of lines removed; a missing folder has none. Nobody else may write the files meanwhile.
Result<std::uint64_t> erase_rejected(const std::filesystem::path& folder, std::string_view user_id);

}  // namespace winnow
