#include "adapters/files/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/parquet/ebnerd.h"
#include "base/file.h"
#include "base/text.h"
#include "server/json_writer.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/progress.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

struct ImportFlags {
  std::vector<std::string> paths;
  std::string kind;
  std::vector<std::string> mapping;
  std::string action;
  std::string separator;
  std::string time_unit;
  std::string rejects;
  bool again = false;
};

Result<ImportOptions> import_options(const ImportFlags& flags, const Session& session) {
  ImportOptions options;
  for (const std::string& path : flags.paths) options.paths.emplace_back(path);
  if (!flags.kind.empty()) options.read.kind = record_kind_named(flags.kind);
  for (const std::string& text : flags.mapping) {
    WINNOW_TRY(ColumnMapping mapping, parse_mapping(text));
    options.read.mapping.push_back(std::move(mapping));
  }
  if (!flags.action.empty()) options.read.rules.default_action = action_named(flags.action);
  options.read.separator = flags.separator == "\\t" ? "\t" : flags.separator;
  if (flags.time_unit == "s") options.read.rules.time_unit = TimeUnit::seconds;
  if (flags.time_unit == "ms") options.read.rules.time_unit = TimeUnit::milliseconds;
  options.read.rules.limits = session.settings.engine.events;
  options.again = flags.again;
  options.rejects = flags.rejects;
  if (options.rejects.empty()) {
    const StoreLayout layout{session.data};
    WINNOW_RETURN_IF_ERROR(make_directories(layout.rejects()));
    options.rejects = layout.rejects() / fmt::format("import-{}.jsonl", session.clock.now_ms());
  }
  return options;
}

std::string report_json(const ImportReport& report, const std::filesystem::path& rejects) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("items", report.items);
  json.field("users", report.users);
  json.field("events", report.events);
  json.field("duplicates", report.duplicates);
  json.field("rejected", report.rejected);
  json.text_or_null("rejects_file", report.rejected > 0 ? rejects.string() : "");
  json.field("bytes", report.bytes);
  json.field("seconds", report.seconds);
  json.field("cpu_seconds", report.cpu_seconds);
  json.field("stopped", report.stopped);
  json.key("files");
  json.begin_array();
  for (const FileReport& file : report.files) {
    json.begin_object();
    json.field("path", file.path.string());
    json.field("kind", name_of(file.kind));
    json.field("rows", file.rows);
    json.field("stored", file.stored);
    json.field("duplicates", file.duplicates);
    json.field("rejected", file.rejected);
    json.field("rows_before", file.rows_before);
    json.field("done_before", file.done_before);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

void print_report(Terminal& terminal, const ImportReport& report, const std::filesystem::path& rejects) {
  Table table({{"file"},
               {"holds"},
               {"rows", Table::Align::right},
               {"stored", Table::Align::right},
               {"duplicates", Table::Align::right},
               {"rejected", Table::Align::right},
               {""}});
  for (const FileReport& file : report.files) {
    table.add_row(
        {file.path.filename().string(), std::string(name_of(file.kind)), with_thousands(file.rows),
         with_thousands(file.stored), with_thousands(file.duplicates),
         Table::Cell(with_thousands(file.rejected), file.rejected > 0 ? Tone::warning : Tone::plain),
         file.done_before       ? "imported before"
         : file.rows_before > 0 ? fmt::format("went on behind row {}", with_thousands(file.rows_before))
                                : ""});
  }
  terminal.print(table.render(terminal));
  if (report.rejected > 0) {
    terminal.warn(fmt::format("{} rows were turned down and are kept, with the reasons, in {}",
                              with_thousands(report.rejected), rejects.string()));
    for (const Rejection& rejection : report.first_rejections) {
      terminal.note(fmt::format("  {}:{}: {}", rejection.file.filename().string(), rejection.line,
                                printable(rejection.error.message)));
    }
  }
}

// EB-NeRD's folders are Parquet, and are read by an importer of their own.
Result<ExitCode> import_ebnerd_folders(Session& session, const OpenedStore& opened,
                                       const std::vector<std::filesystem::path>& folders,
                                       const Interruption& interruption) {
  Terminal& terminal = session.terminal;
  EbnerdReport total;
  Progress progress(terminal, "importing");
  for (const std::filesystem::path& folder : folders) {
    const auto report = import_ebnerd(folder, *opened.catalog, *opened.log, [&](std::uint64_t rows) {
      progress.update(rows, 0);
      return !interruption.requested();
    });
    if (!report.ok() && interruption.requested()) {
      terminal.note("interrupted: run the same command again to go on from here");
      return ExitCode::interrupted;
    }
    if (!report.ok()) return report.error();
    total += *report;
  }
  progress.finish(fmt::format("{} impressions of {} articles, {} clicks, {} articles read before",
                              with_thousands(total.impressions), with_thousands(total.shown),
                              with_thousands(total.clicks), with_thousands(total.read)));
  std::string json_text;
  JsonWriter json(json_text);
  json.begin_object();
  json.field("impressions", total.impressions);
  json.field("shown", total.shown);
  json.field("clicks", total.clicks);
  json.field("read", total.read);
  json.field("users", total.users);
  json.field("events", total.events);
  json.field("duplicates", total.duplicates);
  json.end_object();
  terminal.print_json(json_text);
  terminal.print(fmt::format("{} events stored, {} duplicates", with_thousands(total.events),
                             with_thousands(total.duplicates)));
  terminal.note(fmt::format("next: winnow training-set --data {} --out set.parquet", session.data.string()));
  return ExitCode::ok;
}

Result<ExitCode> import_files(Session& session, const OpenedStore& opened, ImportOptions options,
                              const Interruption& interruption) {
  Terminal& terminal = session.terminal;
  Progress progress(terminal, "importing", Progress::Unit::bytes);
  options.stop = interruption.token();
  options.progress = [&](const ImportProgress& at) {
    progress.update(at.bytes_done, at.bytes_total,
                    fmt::format("{} rows  {}", with_thousands(at.rows), at.file.filename().string()));
  };
  WINNOW_TRY(const ImportReport report, Importer(*opened.catalog, *opened.log, session.clock).run(options));
  progress.finish(fmt::format("{} items, {} users, {} events", with_thousands(report.items),
                              with_thousands(report.users), with_thousands(report.events)));
  terminal.print_json(report_json(report, options.rejects));
  print_report(terminal, report, options.rejects);
  if (report.stopped) {
    terminal.note("interrupted: run the same command again to go on from here");
    return ExitCode::interrupted;
  }
  terminal.note(fmt::format("next: winnow train --data {}", session.data.string()));
  return ExitCode::ok;
}

}  // namespace

Command import_command() {
  const auto own = std::make_shared<ImportFlags>();
  Command command;
  command.name = "import";
  command.summary = "read items, users and events from files into the store";
  command.description =
      "Takes MovieLens folders (ml-latest-small, ml-100k, ml-1m, ml-25m, ml-32m), CSV, TSV and JSONL files, "
      "plain or gzip, and folders of them; EB-NeRD's folders of Parquet files where the build has Arrow. "
      "Columns are known by their names; --map names those that are not. "
      "The store is made when there is none.\n"
      "Rows that cannot be used stop nothing: they are kept, with line and reason, in a rejects file. An "
      "import that was interrupted goes on where it stopped when it is run again, and importing the same "
      "file twice doubles nothing.";
  std::vector<std::string> actions(action_names().begin(), action_names().end());
  command.flags = {
      {"--kind",
       "KIND",
       "what the files hold; default by name and columns",
       &own->kind,
       false,
       0,
       0,
       {"items", "users", "events"}},
      {"--map", "COLUMN=FIELD", "a column that holds a field under another name; may repeat", &own->mapping},
      {"--action", "ACTION", "the action of events whose rows name none", &own->action, false, 0, 0, actions},
      {"--separator", "CHAR", "what separates columns; default the one that fits", &own->separator},
      {"--time-unit",
       "UNIT",
       "what numbers mean as times; default by their size",
       &own->time_unit,
       false,
       0,
       0,
       {"s", "ms"}},
      {"--rejects", "FILE", "where rejected rows are kept; default DIR/rejects/", &own->rejects},
      {"--again", "", "read files anew that were imported before", &own->again},
      {"PATH", "", "files and folders", &own->paths, true}};
  command.examples = {
      {"winnow import ml-latest-small", "a MovieLens folder"},
      {"winnow import items.csv clicks.jsonl.gz", "files whose names and columns say what they hold"},
      {"winnow import log.tsv --kind events --map who=user_id --action view", "a log in a form of its own"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    const Interruption interruption;
    WINNOW_TRY(const OpenedStore opened,
               open_store(session.data, Access::write, session.settings.log, session.clock));
    const std::vector<std::filesystem::path> paths(own->paths.begin(), own->paths.end());
    const auto ebnerd = std::ranges::count_if(paths, is_ebnerd_folder);
    if (ebnerd == std::ssize(paths)) return import_ebnerd_folders(session, opened, paths, interruption);
    if (ebnerd > 0) {
      return Error{ErrorCode::invalid, "EB-NeRD's folders are imported by themselves: name the others later",
                   "PATH"};
    }
    WINNOW_TRY(ImportOptions options, import_options(*own, session));
    return import_files(session, opened, std::move(options), interruption);
  };
  return command;
}

}  // namespace winnow
