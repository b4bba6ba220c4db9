#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/text.h"
#include "registry/model_registry.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/layout.h"

namespace winnow {

Command rollback_command() {
  const auto version = std::make_shared<std::string>();
  Command command;
  command.name = "rollback";
  command.summary = "put the model that was live before back to work";
  command.description =
      "Makes the version that was live before the present one live again, or the newest before that where it "
      "cannot serve; a running server switches to it within seconds, without dropping a request. With "
      "VERSION "
      "makes that version live. Nothing is deleted: "
      "\"winnow status\" lists the versions there are.";
  command.flags = {{"VERSION", "", "the version to make live; default the one before", version.get()}};
  command.examples = {{"winnow rollback", "undo the last change of models"},
                      {"winnow rollback 20261121-085133-1a2b3c", "go to this version"}};
  command.run = [version](Session& session) -> Result<ExitCode> {
    const StoreLayout layout{session.data};
    if (!std::filesystem::exists(layout.models())) {
      return Error{
          ErrorCode::not_found,
          fmt::format("{} holds no models: run \"winnow train\" first, or name another store with --data",
                      session.data.string()),
          "--data"};
    }
    WINNOW_TRY(ModelRegistry registry, ModelRegistry::open(layout.models()));
    WINNOW_TRY(const auto before, registry.live());
    std::string now = *version;
    if (now.empty()) {
      WINNOW_TRY(now, registry.roll_back());
    } else {
      WINNOW_RETURN_IF_ERROR(registry.promote(now));
    }
    Terminal& terminal = session.terminal;
    terminal.print_json(
        fmt::format(R"({{"live":{},"was":{}}})", json_quoted(now), before ? json_quoted(*before) : "null"));
    terminal.print(fmt::format("live now: {}{}", terminal.paint(Tone::strong, now),
                               before ? fmt::format("  (was {})", *before) : ""));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
