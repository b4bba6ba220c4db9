#include <memory>

#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/settings/settings_text.h"

namespace winnow {
namespace {

struct ConfigFlags {
  bool defaults = false;
  bool markdown = false;
};

}  // namespace

Command config_command() {
  const auto own = std::make_shared<ConfigFlags>();
  Command command;
  command.name = "config";
  command.summary = "print the settings in force, with what each means";
  command.description =
      "Prints a whole settings file: every key with its meaning, what it takes and the value in force. Save "
      "it as winnow.toml in the store's folder, change what you like and leave out the rest.";
  command.flags = {{"--defaults", "", "the defaults, whatever the settings file says", &own->defaults},
                   {"--markdown", "", "print docs/settings.md", &own->markdown}};
  command.examples = {{"winnow config", "what holds now"},
                      {"winnow config --defaults > winnow-data/winnow.toml", "a file to start from"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    Terminal& terminal = session.terminal;
    const Settings settings = own->defaults ? Settings{} : session.settings;
    if (own->markdown) {
      terminal.print_raw(settings_markdown());
    } else if (terminal.json()) {
      terminal.print_json(settings_json(settings));
    } else {
      terminal.print_raw(settings_toml(settings));
    }
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
