#include "winnow/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace winnow {
namespace {

struct ExitCodeDoc {
  ExitCode code;
  std::string_view doc;
};
constexpr ExitCodeDoc kExitCodes[] = {
    {ExitCode::ok, "done"},
    {ExitCode::internal, "a bug, or a dependency that does not answer"},
    {ExitCode::invalid, "wrong use, settings or input"},
    {ExitCode::not_found, "no such file, item, user or version"},
    {ExitCode::conflict, "the store is in use, or its state does not allow it"},
    {ExitCode::corrupt, "the store, a model or a dump is damaged"},
    {ExitCode::exhausted, "the disk or memory is full"},
    {ExitCode::refused, "a check failed: a gate kept the new model from going live, or doctor found a fault"},
    {ExitCode::interrupted, "interrupted"},
};

// Words broken into lines of at most `columns`, each after `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string out;
  for (const std::string_view paragraph : split(text, '\n')) {
    std::string line(indent, ' ');
    for (const std::string_view word : split(paragraph, ' ')) {
      if (line.size() > indent && display_width(line) + 1 + display_width(word) > columns) {
        out += line + '\n';
        line.assign(indent, ' ');
      }
      if (line.size() > indent) line += ' ';
      line += word;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

// Terms with what they mean beside them, in two columns.
std::string definitions(const std::vector<std::pair<std::string, std::string>>& entries,
                        const Terminal& terminal) {
  std::size_t width = 0;
  for (const auto& entry : entries) width = std::max(width, display_width(entry.first));
  const std::size_t indent = width + 4;
  std::string out;
  for (const auto& [term, meaning] : entries) {
    std::string text = wrapped(meaning, indent, std::min<std::size_t>(terminal.columns(), 100));
    text.erase(0, indent);
    out += fmt::format("  {}{}{}", terminal.paint(Tone::accent, term),
                       std::string(indent - 2 - display_width(term), ' '), text);
  }
  return out;
}

std::string flag_term(const Flag& flag) {
  return flag.value.empty() ? flag.name : flag.name + " " + flag.value;
}

std::string flag_meaning(const Flag& flag) {
  std::string out = flag.doc;
  if (!flag.choices.empty()) out += fmt::format(" ({})", fmt::join(flag.choices, ", "));
  if (flag.required && !flag.is_operand()) out += " (required)";
  return out;
}

std::string flag_list(std::span<const Flag> flags, bool operands, const Terminal& terminal) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const Flag& flag : flags) {
    if (flag.is_operand() == operands) entries.emplace_back(flag_term(flag), flag_meaning(flag));
  }
  return definitions(entries, terminal);
}

std::string usage_of(const Command& command) {
  std::string out = "winnow " + command.name;
  bool any_flags = false;
  for (const Flag& flag : command.flags) any_flags |= !flag.is_operand() && !flag.required;
  for (const Flag& flag : command.flags) {
    if (!flag.is_operand() && flag.required) out += " " + flag_term(flag);
  }
  if (any_flags) out += " [flags]";
  for (const Flag& flag : command.flags) {
    if (!flag.is_operand()) continue;
    const std::string name = flag.name + (flag.is_list() ? "..." : "");
    out += flag.required ? " " + name : " [" + name + "]";
  }
  return out;
}

std::string title(std::string_view text, const Terminal& terminal) {
  return fmt::format("\n{}\n", terminal.paint(Tone::strong, text));
}

}  // namespace

std::string program_help(std::span<const Command> commands, std::span<const Flag> global,
                         const Terminal& terminal) {
  std::string out =
      fmt::format("{} - a real-time recommendation engine\n", terminal.paint(Tone::strong, "winnow"));
  out += title("Usage", terminal) + "  winnow COMMAND [flags]\n" + title("Commands", terminal);
  std::vector<std::pair<std::string, std::string>> entries;
  for (const Command& command : commands) entries.emplace_back(command.name, command.summary);
  out += definitions(entries, terminal);
  out += title("Flags of every command", terminal) + flag_list(global, false, terminal);
  out += title("Start", terminal);
  out += definitions({{"winnow simulate", "fill a store with a made-up streaming service"},
                      {"winnow train", "learn from it, check the model and make it live"},
                      {"winnow serve", "answer over HTTP, with a dashboard"}},
                     terminal);
  out += title("Exit codes", terminal);
  entries.clear();
  for (const auto& [code, doc] : kExitCodes)
    entries.emplace_back(fmt::format("{}", static_cast<int>(code)), doc);
  out += definitions(entries, terminal);
  out += "\n\"winnow help COMMAND\" shows a command's flags and examples.\n";
  return out;
}

std::string command_help(const Command& command, std::span<const Flag> global, const Terminal& terminal) {
  const std::size_t columns = std::min<std::size_t>(terminal.columns(), 100);
  std::string out =
      fmt::format("{} - {}\n", terminal.paint(Tone::strong, "winnow " + command.name), command.summary);
  out +=
      title("Usage", terminal) + "  " + usage_of(command) + "\n\n" + wrapped(command.description, 0, columns);
  if (const std::string operands = flag_list(command.flags, true, terminal); !operands.empty()) {
    out += title("Operands", terminal) + operands;
  }
  if (const std::string own = flag_list(command.flags, false, terminal); !own.empty()) {
    out += title("Flags", terminal) + own;
  }
  out += title("Flags of every command", terminal) + flag_list(global, false, terminal);
  if (!command.examples.empty()) out += title("Examples", terminal);
  for (const Example& example : command.examples) {
    out += fmt::format("  {}\n{}", terminal.paint(Tone::accent, example.line),
                       wrapped(example.what, 6, columns));
  }
  return out;
}

std::string commands_markdown(std::span<const Command> commands, std::span<const Flag> global) {
  const auto cell = [](std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
  };
  const auto flags_table = [&](std::span<const Flag> flags) {
    std::string out = "\n| flag | meaning |\n| --- | --- |\n";
    for (const Flag& flag : flags)
      out += fmt::format("| `{}` | {} |\n", cell(flag_term(flag)), cell(flag_meaning(flag)));
    return out;
  };
  std::string out =
      "# The command line\n\n"
      "<!-- Written by `winnow help --markdown`; a test fails when this page is out of date. -->\n\n"
      "Results go to stdout; progress, remarks and errors to stderr. With `--json`, stdout carries JSON and "
      "nothing else,\n"
      "errors included: `{\"error\":{\"code\",\"message\",\"field\"}}`. Colour and moving lines appear on a "
      "terminal only, and\n"
      "never when `NO_COLOR` is set. Completion: `winnow completion bash|zsh|fish`.\n\n"
      "## Flags of every command\n";
  out += flags_table(global);
  out += "\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n";
  for (const auto& [code, doc] : kExitCodes) out += fmt::format("| {} | {} |\n", static_cast<int>(code), doc);
  for (const Command& command : commands) {
    out += fmt::format("\n## winnow {}\n\n{}\n", command.name, command.description);
    if (!command.flags.empty()) out += flags_table(command.flags);
    if (command.examples.empty()) continue;
    out += "\n```sh\n";
    for (const Example& example : command.examples)
      out += fmt::format("{}  # {}\n", example.line, example.what);
    out += "```\n";
  }
  return out;
}

}  // namespace winnow
