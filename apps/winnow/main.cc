// winnow: the command line. Reads the line, loads the settings, runs one command, says what went wrong.

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "winnow/cli/help.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/serve/huge_pages.h"

namespace winnow {
namespace {

// Where to read on after wrong use.
std::string help_for(const Command* command) {
  return command ? fmt::format("winnow help {}", command->name) : "winnow help";
}

// The command that a line which could not be parsed was meant for.
const Command* first_command(const std::vector<std::string>& arguments,
                             const std::vector<Command>& commands) {
  for (const std::string& argument : arguments) {
    const auto named = std::ranges::find(commands, argument, &Command::name);
    if (named != commands.end()) return &*named;
  }
  return nullptr;
}

ExitCode run(char* const* argv, const std::vector<std::string>& arguments) {
  GlobalFlags flags;
  const std::vector<Flag> global = global_flags(flags);
  const std::vector<Command> commands = all_commands();
  const auto line = parse_command_line(arguments, commands, global);
  Session session{.terminal = Terminal::standard(flags.json)};
  Terminal& terminal = session.terminal;
  if (!line.ok()) {
    terminal.fail(line.error(), help_for(first_command(arguments, commands)));
    return exit_code_of(line.error().code);
  }
  const Command* command = line->command;
  if (flags.version) {
    terminal.print("winnow " + std::string(WINNOW_VERSION));
    terminal.print_json(fmt::format(R"({{"version":"{}"}})", WINNOW_VERSION));
    return ExitCode::ok;
  }
  if (flags.help || command == nullptr) {
    terminal.print_raw(command ? command_help(*command, global, terminal)
                               : program_help(commands, global, terminal));
    return flags.help ? ExitCode::ok : ExitCode::invalid;
  }
  session.flags = flags;
  if (command->huge_pages) use_huge_pages(argv);
  const auto outcome = [&]() -> Result<ExitCode> {
    WINNOW_RETURN_IF_ERROR(limit_processor());
    WINNOW_RETURN_IF_ERROR(check_required(*command));
    if (command->reads_settings) WINNOW_RETURN_IF_ERROR(load_settings(session));
    return command->run(session);
  }();
  if (!outcome.ok()) {
    const bool wrong_use =
        outcome.error().code == ErrorCode::invalid && outcome.error().field.starts_with("--");
    terminal.fail(outcome.error(), wrong_use ? help_for(command) : "");
    return exit_code_of(outcome.error().code);
  }
  if (!terminal.flush()) {
    terminal.fail({ErrorCode::exhausted, "could not write all of the output: is the disk full?", ""});
    return ExitCode::exhausted;
  }
  return *outcome;
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) {
  // Nothing of ours throws; what libraries throw ends here, said in words.
  try {
    return static_cast<int>(winnow::run(argv, std::vector<std::string>(argv + 1, argv + argc)));
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory\n", stderr);
    return static_cast<int>(winnow::ExitCode::exhausted);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: unexpected: %s; please report this\n", error.what());
    return static_cast<int>(winnow::ExitCode::internal);
  }
}
