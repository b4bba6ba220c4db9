// Reading the settings file (TOML 1.0).
//
// Strict on purpose: an unknown key, a wrong type or a value out of range is an error that names the file and
// line, the key, what was written and what is allowed. Nothing is passed over in silence.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "winnow/settings/settings.h"

namespace winnow {

// `origin` is named in errors: the file's path. Keys that are not in `text` keep their defaults.
Result<Settings> parse_settings(std::string_view text, std::string_view origin);

// not_found when there is no such file. A relative store.data is taken from the file's folder.
Result<Settings> load_settings(const std::filesystem::path& file);

}  // namespace winnow
