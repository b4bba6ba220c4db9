// What a command runs with: the settings in force, the store's folder and the terminal.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "winnow/cli/command.h"
#include "winnow/settings/settings.h"
#include "winnow/terminal/terminal.h"

namespace winnow {

struct Session {
  GlobalFlags flags;
  Settings settings;
  std::filesystem::path data;           // the store's folder; need not exist
  std::filesystem::path settings_file;  // empty when all are defaults
  Terminal terminal;
  SystemClock clock;
};

// The folder: --data, then $WINNOW_DATA, then store.data of the file named by --config, then ./winnow-data.
// The settings: of --config, then of winnow.toml in that folder, then the defaults.
Status load_settings(Session& session);

// The variable WINNOW_CPU_LEVEL names the highest set of instructions to use (math/cpu_level.h): for
// comparing processors. invalid when there is no such level.
Status limit_processor();

// The folder alone, when the settings cannot be read.
std::filesystem::path data_folder(const GlobalFlags& flags, const std::string& named_by_settings);

}  // namespace winnow
