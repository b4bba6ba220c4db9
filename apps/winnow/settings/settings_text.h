// Settings written out: as a TOML file that can be read back, as the reference page, as JSON.
#pragma once

#include <string>

#include "winnow/settings/settings.h"

namespace winnow {

// The whole file with a comment above each key: what it means, what it takes, what the default is.
std::string settings_toml(const Settings& settings);

// docs/settings.md, of the defaults.
std::string settings_markdown();

// {"als":{"dims":64,...},"feedback":{...,"weights":{...}}}
std::string settings_json(const Settings& settings);

}  // namespace winnow
