// The words of --help and docs/cli.md, and the completion scripts of shells, from the commands as data.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "winnow/cli/command.h"
#include "winnow/terminal/terminal.h"

namespace winnow {

std::string program_help(std::span<const Command> commands, std::span<const Flag> global,
                         const Terminal& terminal);
std::string command_help(const Command& command, std::span<const Flag> global, const Terminal& terminal);

// docs/cli.md
std::string commands_markdown(std::span<const Command> commands, std::span<const Flag> global);

// A script for "bash", "zsh" or "fish" that completes commands, flags, choices, files and folders.
std::string completion_script(std::string_view shell, std::span<const Command> commands,
                              std::span<const Flag> global);

}  // namespace winnow
