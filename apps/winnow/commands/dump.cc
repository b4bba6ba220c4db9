// dump and restore: a store as plain files, and back.

#include "adapters/files/dump.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/text.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/progress.h"

namespace winnow {
namespace {

void tell(Terminal& terminal, Progress& progress, const DumpReport& report, const std::string& folder) {
  progress.finish(fmt::format("{} items, {} users, {} events, {}", with_thousands(report.items),
                              with_thousands(report.users), with_thousands(report.events),
                              human_bytes(report.bytes)));
  terminal.print_json(fmt::format(
      R"({{"folder":{},"items":{},"users":{},"events":{},"bytes":{},"seconds":{}}})", json_quoted(folder),
      report.items, report.users, report.events, report.bytes, report.seconds));
}

std::function<void(const DumpProgress&)> shown_by(Progress& progress) {
  return [&progress](const DumpProgress& at) { progress.update(at.done, at.total, at.what); };
}

}  // namespace

Command dump_command() {
  const auto folder = std::make_shared<std::string>();
  Command command;
  command.name = "dump";
  command.summary = "write the store's items, users and events to plain files";
  command.description =
      "Writes items.jsonl.gz, users.jsonl.gz, events.jsonl.gz and a manifest with checksums into a new "
      "folder, which appears whole or not at all. Works beside a running server. Models and derived state "
      "are not in it: both come again from the events.";
  command.flags = {{"DIR", "", "the folder to make", folder.get(), true}};
  command.examples = {{"winnow dump backup-2026-11-21", "a backup"}};
  command.run = [folder](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const OpenedStore opened,
               open_store(session.data, Access::read, session.settings.log, session.clock));
    Progress progress(session.terminal, "dumping");
    WINNOW_TRY(const DumpReport report, dump(*opened.catalog, *opened.log, session.clock, *folder,
                                             DumpOptions{.progress = shown_by(progress)}));
    tell(session.terminal, progress, report, *folder);
    return ExitCode::ok;
  };
  return command;
}

Command restore_command() {
  struct RestoreFlags {
    std::string folder;
    bool into_existing = false;
  };
  const auto own = std::make_shared<RestoreFlags>();
  Command command;
  command.name = "restore";
  command.summary = "fill a store from a dump";
  command.description =
      "Checks every checksum of the dump before it stores anything. The store must be empty, unless "
      "--into-existing says to add to it; events keep their ids, so none is doubled.";
  command.flags = {{"--into-existing", "", "add to a store that holds something", &own->into_existing},
                   {"DIR", "", "the dump's folder", &own->folder, true}};
  command.examples = {{"winnow restore backup-2026-11-21 --data new-store", "into a new store"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const OpenedStore opened,
               open_store(session.data, Access::write, session.settings.log, session.clock));
    Progress progress(session.terminal, "restoring");
    WINNOW_TRY(const DumpReport report,
               restore(own->folder, *opened.catalog, *opened.log, session.clock,
                       RestoreOptions{.into_existing = own->into_existing, .progress = shown_by(progress)}));
    tell(session.terminal, progress, report, own->folder);
    session.terminal.note(fmt::format("next: winnow train --data {}", session.data.string()));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
