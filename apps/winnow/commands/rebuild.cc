#include <fmt/format.h>

#include "base/text.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/site/opened_site.h"
#include "winnow/terminal/progress.h"

namespace winnow {
namespace {

Error store_in_use(const Session& session) {
  return {ErrorCode::conflict,
          fmt::format("another process writes to {}: stop the server or import first", session.data.string()),
          "--data"};
}

}  // namespace

Command rebuild_command() {
  Command command;
  command.name = "rebuild";
  command.summary = "derive all features again from the event log";
  command.description =
      "Forgets what was derived from the events (histories, what users have seen, counters, trends) and "
      "derives it again "
      "from the first event on, with the settings in force. Wanted after a change of feedback rules or "
      "half-lives. No server may be running on the store.";
  command.examples = {{"winnow rebuild", "after a change of the settings"}};
  command.run = [](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const OpenedSite opened,
               open_site(session.data, Access::prefer_write, session.settings, session.clock));
    if (opened.store.read_only) return store_in_use(session);
    Progress progress(session.terminal, "rebuilding");
    WINNOW_RETURN_IF_ERROR(
        opened.engine->rebuild([&](LogPosition done, LogPosition total) { progress.update(done, total); }));
    const SiteStatus status = opened.engine->status();
    progress.finish(
        fmt::format("{} events, {} users", with_thousands(status.log.events), with_thousands(status.users)));
    session.terminal.print_json(
        fmt::format(R"({{"events":{},"users":{}}})", status.log.events, status.users));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
