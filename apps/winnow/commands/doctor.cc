#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/json_writer.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/doctor/check.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

using State = Check::State;

// A broken settings file is a finding, and the rest is checked with the defaults.
std::vector<Check> check_settings_file(Session& session) {
  if (const auto loaded = load_settings(session); !loaded.ok()) {
    session.data = data_folder(session.flags, "");
    return {{"settings", "file", State::fault, loaded.error().message,
             "winnow config --defaults shows every key"}};
  }
  std::vector<Check> checks = {
      {"settings", "file", State::ok,
       session.settings_file.empty() ? "none: all defaults" : session.settings_file.string(), ""}};
  std::ranges::move(check_settings(session.settings), std::back_inserter(checks));
  return checks;
}

std::string checks_json(const std::vector<Check>& checks) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("checks");
  json.begin_array();
  for (const Check& check : checks) {
    json.begin_object();
    json.field("group", check.group);
    json.field("name", check.name);
    json.field("state", name_of(check.state));
    json.field("found", check.found);
    json.text_or_null("remedy", check.remedy);
    json.end_object();
  }
  json.end_array();
  const auto count = [&](State state) { return std::ranges::count(checks, state, &Check::state); };
  json.field("warnings", count(State::warning));
  json.field("faults", count(State::fault));
  json.end_object();
  return out;
}

Tone tone_of(State state) {
  return state == State::ok ? Tone::good : state == State::warning ? Tone::warning : Tone::bad;
}

void print_checks(Terminal& terminal, const std::vector<Check>& checks) {
  std::string group;
  for (const Check& check : checks) {
    if (check.group != group)
      terminal.print(
          fmt::format("{}{}", group.empty() ? "" : "\n", terminal.paint(Tone::strong, check.group)));
    group = check.group;
    const std::string state(name_of(check.state));
    terminal.print(fmt::format("  {}{}  {}: {}", terminal.paint(tone_of(check.state), state),
                               std::string(7 - state.size(), ' '), check.name, printable(check.found)));
    if (!check.remedy.empty()) terminal.print(fmt::format("           try: {}", check.remedy));
  }
}

}  // namespace

Command doctor_command() {
  Command command;
  command.name = "doctor";
  command.summary = "check the settings, the store, the models and the machine";
  command.description =
      "Looks at what usually goes wrong, and says what to do about it. Reads only, and works beside a "
      "running server. Exit code 7 when it found a fault; warnings alone leave it at 0.";
  command.examples = {{"winnow doctor", "before the first start, and when something is odd"},
                      {"winnow doctor --json", "for monitoring"}};
  command.reads_settings = false;
  command.run = [](Session& session) -> Result<ExitCode> {
    std::vector<Check> checks = check_settings_file(session);
    std::ranges::move(check_store(session.data, session.settings, session.clock), std::back_inserter(checks));
    std::ranges::move(check_models(session.data), std::back_inserter(checks));
    std::ranges::move(check_machine(session.data), std::back_inserter(checks));
    session.terminal.print_json(checks_json(checks));
    print_checks(session.terminal, checks);
    const bool faulty = std::ranges::count(checks, State::fault, &Check::state) > 0;
    return faulty ? ExitCode::refused : ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
