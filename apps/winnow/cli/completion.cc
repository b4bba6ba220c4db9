// Completion scripts. Each is self-contained text: nothing runs Winnow while the user types.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "winnow/cli/help.h"

namespace winnow {
namespace {

enum class ValueKind : std::uint8_t { none, choice, file, folder, other };

ValueKind kind_of(const Flag& flag) {
  if (flag.is_switch()) return ValueKind::none;
  if (!flag.choices.empty()) return ValueKind::choice;
  const std::string& shape = flag.is_operand() ? flag.name : flag.value;
  if (shape == "DIR") return ValueKind::folder;
  if (shape == "FILE" || shape == "PATH") return ValueKind::file;
  return ValueKind::other;
}

// For single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::vector<Flag> with_global(const Command& command, std::span<const Flag> global) {
  std::vector<Flag> flags = command.flags;
  flags.insert(flags.end(), global.begin(), global.end());
  return flags;
}

std::string bash_script(std::span<const Command> commands, std::span<const Flag> global) {
  std::string names;
  for (const Command& command : commands) names += (names.empty() ? "" : " ") + command.name;
  std::string out = fmt::format(
      "# bash completion of winnow: source it, or put it into /etc/bash_completion.d/winnow\n"
      "_winnow() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= word\n"
      "  COMPREPLY=()\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \" {} \" in *\" $word \"*) command=$word; break ;; esac\n"
      "  done\n"
      "  local flags= words= paths=\n"
      "  case $command in\n",
      names);
  const auto values = [](const Flag& flag) -> std::string {
    switch (kind_of(flag)) {
      case ValueKind::choice:
        return fmt::format("words={}", quoted(fmt::format("{}", fmt::join(flag.choices, " "))));
      case ValueKind::folder:
        return "paths=-d";
      case ValueKind::file:
        return "paths=-f";
      default:
        return "return";
    }
  };
  const auto branch = [&](std::string_view pattern, std::span<const Flag> flags,
                          std::string_view operand_words) {
    std::string list;
    std::string cases;
    std::string operands = operand_words.empty() ? "" : fmt::format("words={}", quoted(operand_words));
    for (const Flag& flag : flags) {
      if (flag.is_operand()) {
        if (operands.empty()) operands = values(flag);
        continue;
      }
      list += (list.empty() ? "" : " ") + flag.name;
      if (!flag.is_switch()) cases += fmt::format("        {}) {} ;;\n", flag.name, values(flag));
    }
    out +=
        fmt::format("    {})\n      flags={}\n      case $previous in\n{}        *) {} ;;\n      esac ;;\n",
                    pattern, quoted(list), cases, operands.empty() ? ":" : operands);
  };
  for (const Command& command : commands) branch(command.name, with_global(command, global), "");
  branch("*", global, names);
  out +=
      "  esac\n"
      "  if [[ $current == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$flags\" -- \"$current\"))\n"
      "  elif [[ -n $paths ]]; then\n"
      "    compopt -o filenames 2>/dev/null\n"
      "    COMPREPLY=($(compgen $paths -- \"$current\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  fi\n"
      "}\n"
      "complete -F _winnow winnow\n";
  return out;
}

std::string zsh_script(std::span<const Command> commands, std::span<const Flag> global) {
  // In a spec of _arguments, brackets and colons divide the parts.
  const auto plain = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '[' || c == ']' || c == ':') out += '\\';
      out += c;
    }
    return out;
  };
  const auto action = [](const Flag& flag) -> std::string {
    switch (kind_of(flag)) {
      case ValueKind::choice:
        return fmt::format("({})", fmt::join(flag.choices, " "));
      case ValueKind::folder:
        return "_files -/";
      case ValueKind::file:
        return "_files";
      default:
        return " ";
    }
  };
  const auto spec = [&](const Flag& flag) {
    if (flag.is_operand())
      return quoted(fmt::format("{}:{}:{}", flag.is_list() ? "*" : "", plain(flag.name), action(flag)));
    std::string text = fmt::format("{}{}[{}]", flag.is_list() ? "*" : "", flag.name, plain(flag.doc));
    if (!flag.is_switch()) text += fmt::format(":{}:{}", plain(flag.value), action(flag));
    return quoted(text);
  };
  std::string out =
      "#compdef winnow\n"
      "# zsh completion of winnow: put it as _winnow into a folder of $fpath\n"
      "_winnow() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : commands)
    out += fmt::format("    {}\n", quoted(command.name + ":" + plain(command.summary)));
  out += "  )\n  local context state line\n  _arguments -C \\\n";
  for (const Flag& flag : global) out += fmt::format("    {} \\\n", spec(flag));
  out +=
      "    '1: :->command' '*:: :->rest'\n"
      "  case $state in\n"
      "    command) _describe command commands ;;\n"
      "    rest)\n"
      "      case $words[1] in\n";
  for (const Command& command : commands) {
    out += fmt::format("        {}) _arguments", command.name);
    for (const Flag& flag : with_global(command, global)) out += fmt::format(" \\\n          {}", spec(flag));
    out += " ;;\n";
  }
  out += "      esac ;;\n  esac\n}\n_winnow \"$@\"\n";
  return out;
}

std::string fish_script(std::span<const Command> commands, std::span<const Flag> global) {
  std::string out =
      "# fish completion of winnow: put it into ~/.config/fish/completions/winnow.fish\n"
      "complete -c winnow -f\n";
  const auto line = [&](const Flag& flag, const std::string& condition) {
    out += "complete -c winnow";
    if (!condition.empty()) out += " -n " + quoted(condition);
    if (!flag.is_operand()) out += " -l " + flag.name.substr(2) + " -d " + quoted(flag.doc);
    const ValueKind kind = kind_of(flag);
    const std::string_view takes = flag.is_operand() ? "" : "r";
    if (kind == ValueKind::choice) {
      out += fmt::format(" -{}fa {}", takes, quoted(fmt::format("{}", fmt::join(flag.choices, " "))));
    } else if (kind == ValueKind::folder) {
      out += fmt::format(" -{}fa '(__fish_complete_directories)'", takes);
    } else if (kind == ValueKind::file) {
      out += fmt::format(" -{}F", takes);
    } else if (kind == ValueKind::other && !flag.is_operand()) {
      out += " -x";
    }
    out += '\n';
  };
  for (const Flag& flag : global) line(flag, "");
  for (const Command& command : commands) {
    out += fmt::format("complete -c winnow -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       quoted(command.summary));
    const std::string condition = "__fish_seen_subcommand_from " + command.name;
    for (const Flag& flag : command.flags) {
      if (flag.is_operand() && kind_of(flag) == ValueKind::other) continue;
      line(flag, condition);
    }
  }
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell, std::span<const Command> commands,
                              std::span<const Flag> global) {
  if (shell == "zsh") return zsh_script(commands, global);
  if (shell == "fish") return fish_script(commands, global);
  return bash_script(commands, global);
}

}  // namespace winnow
