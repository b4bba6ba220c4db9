// A command as data: its name, words and flags, and what to run. Parsing, help, shell completion and
// docs/cli.md all walk the same value, so they cannot disagree.
//
// The command line is read here and not by a library: the table is needed for help, completion and
// suggestions anyway, and what is left of parsing is one small function (parse_command_line).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "winnow/cli/exit_code.h"

namespace winnow {

struct Session;

// Where a flag's value goes: a switch, a text, a whole number, a number, or a text for every time it is
// given.
using FlagTarget = std::variant<bool*, std::string*, std::int64_t*, double*, std::vector<std::string>*>;

struct Flag {
  std::string name;   // "--count"; an operand has no dashes: "PATH"
  std::string value;  // "N", "FILE", "DIR"; empty for switches and operands
  std::string doc;    // one sentence, lower case, without a full stop
  FlagTarget target;
  bool required = false;
  double low = 0;  // of numbers
  double high = 9e15;
  std::vector<std::string> choices{};  // of texts; empty: any

  bool is_operand() const { return !name.starts_with('-'); }
  bool is_switch() const { return std::holds_alternative<bool*>(target); }
  bool is_list() const { return std::holds_alternative<std::vector<std::string>*>(target); }
};

struct Example {
  std::string line;  // "winnow import data/ml-1m"
  std::string what;
};

struct Command {
  std::string name;
  std::string summary;      // one line, for the list of commands
  std::string description;  // paragraphs, for the command's own help
  std::vector<Flag> flags;  // operands last
  std::vector<Example> examples;
  bool reads_settings = true;  // else it runs even when the settings file is broken
  bool huge_pages = false;     // worth a start of its own, see serve/huge_pages.h
  std::function<Result<ExitCode>(Session&)> run;
};

// What may stand before or after any command's name.
struct GlobalFlags {
  std::string data;
  std::string config;
  bool json = false;
  bool help = false;
  bool version = false;
};
std::vector<Flag> global_flags(GlobalFlags& flags);

// Fills the flags' targets. `command` is null when none was named. Errors: invalid; an unknown command or
// flag names the nearest one, and `field` is the flag.
struct ParsedLine {
  const Command* command = nullptr;
};
Result<ParsedLine> parse_command_line(std::span<const std::string> arguments,
                                      std::span<const Command> commands, std::span<const Flag> global);

// The first required flag that was not given. Apart from parsing, because --help needs none.
Status check_required(const Command& command);

}  // namespace winnow
