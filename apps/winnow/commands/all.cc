#include <memory>
#include <string>

#include "winnow/cli/help.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"

namespace winnow {
namespace {

Command completion_command() {
  const auto shell = std::make_shared<std::string>();
  Command command;
  command.name = "completion";
  command.summary = "print a completion script for bash, zsh or fish";
  command.description = "Prints a script that completes commands, flags and their values.";
  command.flags = {{"SHELL", "", "bash, zsh or fish", shell.get(), true, 0, 0, {"bash", "zsh", "fish"}}};
  command.examples = {
      {"source <(winnow completion bash)", "in this shell, or in ~/.bashrc"},
      {"winnow completion fish > ~/.config/fish/completions/winnow.fish", "for good, in fish"}};
  command.reads_settings = false;
  command.run = [shell](Session& session) -> Result<ExitCode> {
    GlobalFlags flags;
    session.terminal.print_raw(completion_script(*shell, all_commands(), global_flags(flags)));
    return ExitCode::ok;
  };
  return command;
}

struct HelpFlags {
  std::string command;
  bool markdown = false;
};

Command help_command() {
  const auto own = std::make_shared<HelpFlags>();
  Command command;
  command.name = "help";
  command.summary = "show this help, or a command's flags and examples";
  command.description = "Without an operand lists all commands.";
  command.flags = {{"--markdown", "", "print docs/cli.md", &own->markdown},
                   {"COMMAND", "", "the command to explain", &own->command}};
  command.examples = {{"winnow help import", "what import takes, with examples"}};
  command.reads_settings = false;
  command.run = [own](Session& session) -> Result<ExitCode> {
    GlobalFlags flags;
    const std::vector<Flag> global = global_flags(flags);
    const std::vector<Command> commands = all_commands();
    if (own->markdown) {
      session.terminal.print_raw(commands_markdown(commands, global));
      return ExitCode::ok;
    }
    if (own->command.empty()) {
      session.terminal.print_raw(program_help(commands, global, session.terminal));
      return ExitCode::ok;
    }
    // The parser knows how to say which command is nearest to an unknown one.
    WINNOW_TRY(const ParsedLine line, parse_command_line(std::vector{own->command}, commands, global));
    session.terminal.print_raw(command_help(*line.command, global, session.terminal));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> commands;
  commands.push_back(import_command());
  commands.push_back(simulate_command());
  commands.push_back(train_command());
  commands.push_back(features_command());
  commands.push_back(training_set_command());
  commands.push_back(evaluate_command());
  commands.push_back(recommend_command());
  commands.push_back(similar_command());
  commands.push_back(serve_command());
  commands.push_back(status_command());
  commands.push_back(rollback_command());
  commands.push_back(export_onnx_command());
  commands.push_back(rebuild_command());
  commands.push_back(dump_command());
  commands.push_back(restore_command());
  commands.push_back(doctor_command());
  commands.push_back(config_command());
  commands.push_back(key_command());
  commands.push_back(completion_command());
  commands.push_back(help_command());
  return commands;
}

}  // namespace winnow
