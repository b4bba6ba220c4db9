#include "winnow/cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace winnow {
namespace {

Error usage_error(std::string message, std::string field) {
  return Error{ErrorCode::invalid, std::move(message), std::move(field)};
}

Error bad_number(const Flag& flag, std::string_view text, std::string_view kind) {
  return usage_error(fmt::format("{} is \"{}\"; it takes {} from {} to {}", flag.name, excerpt(text), kind,
                                 flag.low, flag.high),
                     flag.name);
}

Status set_value(const Flag& flag, std::string_view text) {
  if (auto* const* texts = std::get_if<std::vector<std::string>*>(&flag.target)) {
    (*texts)->emplace_back(text);
  } else if (auto* const* integer = std::get_if<std::int64_t*>(&flag.target)) {
    const auto value = parse_int(text);
    if (!value || static_cast<double>(*value) < flag.low || static_cast<double>(*value) > flag.high) {
      return bad_number(flag, text, "a whole number");
    }
    **integer = *value;
  } else if (auto* const* number = std::get_if<double*>(&flag.target)) {
    const auto value = parse_double(text);
    if (!value || *value < flag.low || *value > flag.high) return bad_number(flag, text, "a number");
    **number = *value;
  } else {
    if (!flag.choices.empty() && std::ranges::find(flag.choices, text) == flag.choices.end()) {
      const auto near = nearest(text, flag.choices);
      return usage_error(fmt::format("{} is \"{}\"; {}", flag.name, excerpt(text),
                                     near ? fmt::format("did you mean \"{}\"?", *near)
                                          : fmt::format("it takes {}", fmt::join(flag.choices, ", "))),
                         flag.name);
    }
    *std::get<std::string*>(flag.target) = text;
  }
  return {};
}

// One line of arguments, taken from left to right.
class Parser final {
 public:
  Parser(std::span<const std::string> arguments, std::span<const Command> commands,
         std::span<const Flag> global)
      : arguments_(arguments), commands_(commands), global_(global) {}

  Result<ParsedLine> parse() {
    bool only_operands = false;
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      if (!only_operands && argument == "--") {
        only_operands = true;
      } else if (!only_operands && argument.size() > 1 && argument.starts_with('-') &&
                 !parse_double(argument)) {
        WINNOW_RETURN_IF_ERROR(take_flag(argument));
      } else if (command_ == nullptr) {
        WINNOW_RETURN_IF_ERROR(take_command(argument));
      } else {
        WINNOW_RETURN_IF_ERROR(take_operand(argument));
      }
    }
    return ParsedLine{command_};
  }

 private:
  Status take_command(const std::string& name) {
    std::vector<std::string> names;
    for (const Command& command : commands_) {
      if (command.name == name) {
        command_ = &command;
        return {};
      }
      names.push_back(command.name);
    }
    const auto near = nearest(name, names);
    return usage_error(fmt::format("there is no command \"{}\"{}", excerpt(name),
                                   near ? fmt::format("; did you mean \"{}\"?", *near) : ""),
                       "");
  }

  const Flag* find(std::string_view name) const {
    const auto match = [&](const Flag& flag) { return !flag.is_operand() && flag.name == name; };
    if (command_ != nullptr) {
      const auto own = std::ranges::find_if(command_->flags, match);
      if (own != command_->flags.end()) return &*own;
    }
    const auto shared = std::ranges::find_if(global_, match);
    return shared != global_.end() ? &*shared : nullptr;
  }

  Error unknown_flag(const std::string& name) const {
    std::vector<std::string> names;
    for (const Flag& flag : global_) names.push_back(flag.name);
    if (command_ != nullptr) {
      for (const Flag& flag : command_->flags) {
        if (!flag.is_operand()) names.push_back(flag.name);
      }
    }
    const auto near = nearest(name, names);
    return usage_error(
        fmt::format("{} has no flag {}{}", command_ ? fmt::format("\"winnow {}\"", command_->name) : "winnow",
                    excerpt(name), near ? fmt::format("; did you mean {}?", *near) : ""),
        name);
  }

  Status take_flag(const std::string& argument) {
    const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
    std::string name = argument.substr(0, equals);
    if (name == "-h") name = "--help";
    const Flag* flag = find(name);
    if (flag == nullptr) return unknown_flag(name);
    if (auto* const* on = std::get_if<bool*>(&flag->target)) {
      if (equals != std::string::npos) return usage_error(fmt::format("{} takes no value", name), name);
      **on = true;
      return {};
    }
    if (equals != std::string::npos) return set_value(*flag, std::string_view(argument).substr(equals + 1));
    if (next_ == arguments_.size()) {
      return usage_error(fmt::format("{} needs a value: {} {}", name, name, flag->value), name);
    }
    return set_value(*flag, arguments_[next_++]);
  }

  Status take_operand(const std::string& text) {
    std::size_t at = 0;
    for (const Flag& flag : command_->flags) {
      if (!flag.is_operand()) continue;
      if (at == operands_ || flag.is_list()) {
        if (!flag.is_list()) ++operands_;
        return set_value(flag, text);
      }
      ++at;
    }
    return usage_error(fmt::format("\"winnow {}\" does not expect \"{}\"", command_->name, excerpt(text)),
                       "");
  }

  std::span<const std::string> arguments_;
  std::span<const Command> commands_;
  std::span<const Flag> global_;
  const Command* command_ = nullptr;
  std::size_t next_ = 0;
  std::size_t operands_ = 0;  // that were taken
};

bool is_missing(const Flag& flag) {
  if (const auto* const* text = std::get_if<std::string*>(&flag.target)) return (*text)->empty();
  if (const auto* const* texts = std::get_if<std::vector<std::string>*>(&flag.target))
    return (*texts)->empty();
  return false;
}

}  // namespace

std::vector<Flag> global_flags(GlobalFlags& flags) {
  return {
      {"--data", "DIR", "the store's folder; default $WINNOW_DATA, or ./winnow-data", &flags.data},
      {"--config", "FILE", "the settings file; default winnow.toml in the store's folder", &flags.config},
      {"--json", "", "print JSON for machines, on stdout", &flags.json},
      {"--help", "", "show this help", &flags.help},
      {"--version", "", "show the version", &flags.version},
  };
}

Result<ParsedLine> parse_command_line(std::span<const std::string> arguments,
                                      std::span<const Command> commands, std::span<const Flag> global) {
  return Parser(arguments, commands, global).parse();
}

Status check_required(const Command& command) {
  for (const Flag& flag : command.flags) {
    if (!flag.required || !is_missing(flag)) continue;
    return usage_error(
        fmt::format("\"winnow {}\" needs {}: {}", command.name,
                    flag.is_operand() ? flag.name : fmt::format("{} {}", flag.name, flag.value), flag.doc),
        flag.name);
  }
  return {};
}

}  // namespace winnow
