// winnow status: what a store holds and which model is live.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/text.h"
#include "server/json_answers.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/site/opened_site.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

std::string status_json(const SiteStatus& status, const std::vector<VersionInfo>& models) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("items", status.items);
  json.field("users", status.users);
  json.field("profiles", status.profiles);
  json.field("events", status.log.events);
  json.field("bytes", status.log.bytes);
  json.field("first_position", status.log.first);
  json.field("last_position", status.log.last);
  json.field("applied_position", status.applied);
  json.field("lag", status.log.last - std::min(status.applied, status.log.last));
  json.field("dead_letters", status.dead_letters);
  json.text_or_null("model_version", status.model_version);
  json.text_or_null("model_error", status.model_error);
  json.key("models");
  json.begin_array();
  for (const VersionInfo& model : models) write(json, model);
  json.end_array();
  json.end_object();
  return out;
}

std::string metric_of(const VersionInfo& model, const std::string& name) {
  const auto found = model.metrics.find(name);
  return found == model.metrics.end() ? "" : fmt::format("{:.4f}", found->second);
}

void print_status(Terminal& terminal, const std::string& data, const SiteStatus& status,
                  const std::vector<VersionInfo>& models) {
  const LogPosition lag = status.log.last - std::min(status.applied, status.log.last);
  const auto line = [&](std::string_view name, const std::string& value) {
    terminal.print(fmt::format("  {:<13} {}\n", name, value));
  };
  terminal.print(terminal.paint(Tone::strong, data) + "\n");
  line("items", with_thousands(status.items));
  line("users", fmt::format("{} seen, {} with a profile", with_thousands(status.users),
                            with_thousands(status.profiles)));
  line("events", fmt::format("{} ({})", with_thousands(status.log.events), human_bytes(status.log.bytes)));
  line("lag", lag == 0 ? "none" : terminal.paint(Tone::warning, with_thousands(lag) + " events"));
  line("dead letters", status.dead_letters == 0
                           ? "none"
                           : terminal.paint(Tone::warning, with_thousands(status.dead_letters)));
  line("live model", status.model_version.empty()
                         ? terminal.paint(Tone::warning, "none: run \"winnow train\"")
                         : status.model_version);
  if (!status.model_error.empty()) line("problem", terminal.paint(Tone::bad, status.model_error));
  if (models.empty()) return;
  Table table({{"version"},
               {"stage"},
               {"trained"},
               {"NDCG@10", Table::Align::right},
               {"popular", Table::Align::right},
               {"recall@10", Table::Align::right},
               {"note"}});
  for (const VersionInfo& model : models) {
    const Tone tone = model.stage == "live"       ? Tone::good
                      : model.stage == "rejected" ? Tone::bad
                                                  : Tone::plain;
    table.add_row({Table::Cell(model.version, tone), Table::Cell(model.stage, tone),
                   human_time(model.created_ms), metric_of(model, "blend.ndcg@10"),
                   metric_of(model, "popular.ndcg@10"), metric_of(model, "blend.recall@10"), model.note});
  }
  terminal.print("\n" + table.render(terminal));
}

Result<ExitCode> status(Session& session) {
  WINNOW_TRY(const OpenedSite site, open_site(session.data, Access::read, session.settings, session.clock));
  const SiteStatus status = site.engine->status();
  WINNOW_TRY(const std::vector<VersionInfo> models, site.engine->models());
  session.terminal.print_json(status_json(status, models));
  print_status(session.terminal, session.data.string(), status, models);
  return ExitCode::ok;
}

}  // namespace

Command status_command() {
  Command command;
  command.name = "status";
  command.summary = "show what the store holds, and its models";
  command.description =
      "Items, users and events, how far the speed layer has come, dead letters, and every model version with "
      "its quality "
      "on held-out events. Works beside a running server.";
  command.examples = {{"winnow status", "at a glance"}, {"winnow status --json", "for machines"}};
  command.run = [](Session& session) -> Result<ExitCode> { return status(session); };
  return command;
}

}  // namespace winnow
