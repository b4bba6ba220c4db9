#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "registry/model_registry.h"
#include "server/json_answers.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

// What the store and the registry say of themselves, without an engine: nothing is derived.
struct Standing {
  std::uint64_t items = 0;
  std::uint64_t profiles = 0;
  std::uint64_t users = 0;  // with features
  LogStatistics log;
  LogPosition applied = 0;  // of the last checkpoint
  std::uint64_t dead_letters = 0;
  ImpressionLogStatistics impressions;
  std::optional<std::string> live;
  std::string live_problem;  // why the live version cannot be loaded; empty when it can
  std::vector<IndexStatus> indexes;
  std::vector<VersionInfo> versions;

  std::uint64_t lag() const { return log.last > applied ? log.last - applied : 0; }
};

Result<Standing> standing_of(const Session& session) {
  WINNOW_TRY(const OpenedStore opened,
             open_store(session.data, Access::read, session.settings.log, session.clock));
  Standing standing;
  standing.items = opened.catalog->item_count();
  standing.profiles = opened.catalog->user_count();
  standing.users = opened.features->user_count();
  standing.log = opened.log->statistics();
  WINNOW_TRY(const FeatureStore::Checkpoint checkpoint, opened.features->last_checkpoint());
  standing.applied = checkpoint.position;
  standing.dead_letters = opened.dead_letters->size();
  standing.impressions = opened.impressions->statistics();
  const StoreLayout layout{session.data};
  if (std::filesystem::exists(layout.models())) {
    WINNOW_TRY(const ModelRegistry registry, ModelRegistry::open(layout.models()));
    WINNOW_TRY(standing.live, registry.live());
    WINNOW_TRY(standing.versions, registry.versions());
    if (standing.live) {
      const auto loaded = registry.load(*standing.live);
      if (loaded.ok()) {
        standing.indexes = indexes_of(**loaded);
      } else {
        standing.live_problem = loaded.error().message;
      }
    }
  }
  return standing;
}

std::string standing_json(const Standing& s, const Session& session) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("data", session.data.string());
  json.field("items", s.items);
  json.field("users", s.users);
  json.field("profiles", s.profiles);
  json.field("events", s.log.events);
  json.field("bytes", s.log.bytes);
  json.field("first_position", s.log.first);
  json.field("last_position", s.log.last);
  json.field("applied_position", s.applied);
  json.field("lag", s.lag());
  json.field("dead_letters", s.dead_letters);
  json.field("impressions", s.impressions.impressions);
  json.field("impression_bytes", s.impressions.bytes);
  json.text_or_null("model_version", s.live.value_or(""));
  json.text_or_null("model_error", s.live_problem);
  json.key("indexes");
  json.begin_array();
  for (const IndexStatus& index : s.indexes) write(json, index);
  json.end_array();
  json.key("models");
  json.begin_array();
  for (const VersionInfo& version : s.versions) write(json, version);
  json.end_array();
  json.end_object();
  return out;
}

Tone tone_of(const std::string& stage) {
  if (stage == "live") return Tone::good;
  if (stage == "rejected") return Tone::warning;
  return stage == "damaged" ? Tone::bad : Tone::plain;
}

std::string metric(const VersionInfo& version, const std::string& name) {
  const auto found = version.metrics.find(name);
  return found == version.metrics.end() ? "-" : fmt::format("{:.4f}", found->second);
}

void print_standing(Terminal& terminal, const Standing& s, const Session& session) {
  Table facts({{"store"}, {session.data.string()}});
  const auto fact = [&](const char* name, std::string value, Tone tone = Tone::plain) {
    facts.add_row({name, Table::Cell(std::move(value), tone)});
  };
  fact("items", with_thousands(s.items));
  fact("users",
       fmt::format("{} with features, {} profiles", with_thousands(s.users), with_thousands(s.profiles)));
  fact("events", fmt::format("{} in {}, positions {} to {}", with_thousands(s.log.events),
                             human_bytes(s.log.bytes), s.log.first, s.log.last));
  fact("not applied yet", with_thousands(s.lag()), s.lag() > 0 ? Tone::warning : Tone::plain);
  fact("dead letters", with_thousands(s.dead_letters), s.dead_letters > 0 ? Tone::bad : Tone::plain);
  fact("answers kept",
       fmt::format("{} in {}, with what they showed", with_thousands(s.impressions.impressions),
                   human_bytes(s.impressions.bytes)));
  fact("live model", s.live.value_or("none: winnow train makes one"), s.live ? Tone::good : Tone::warning);
  for (const IndexStatus& index : s.indexes) {
    fact("vector index", fmt::format("{} of {}: {} items, recall@{} {:.3f} (aimed at {})", index.kind,
                                     index.source, with_thousands(index.items), index.tuning.limit,
                                     index.tuning.recall, index.tuning.target_recall));
  }
  if (!s.live_problem.empty()) fact("problem", s.live_problem, Tone::bad);
  terminal.print(facts.render(terminal));
  if (s.versions.empty()) return;
  Table table({{"version"},
               {"stage"},
               {"trained"},
               {"size", Table::Align::right},
               {"ndcg@10", Table::Align::right},
               {"popular's", Table::Align::right},
               {"recall@10", Table::Align::right},
               {"note"}});
  for (const VersionInfo& version : s.versions) {
    table.add_row({version.version, Table::Cell(version.stage, tone_of(version.stage)),
                   human_time(version.created_ms), human_bytes(version.bytes),
                   metric(version, "blend.ndcg@10"), metric(version, "popular.ndcg@10"),
                   metric(version, "blend.recall@10"), version.note});
  }
  terminal.print("");
  terminal.print(table.render(terminal));
}

}  // namespace

Command status_command() {
  Command command;
  command.name = "status";
  command.summary = "show what the store holds and which model is live";
  command.description =
      "Counts items, users and events, says how far the features are behind the log and how many events "
      "could not be applied, and lists the model versions with their quality. Works beside a running server.";
  command.examples = {{"winnow status", "at a glance"}, {"winnow status --json", "for a script"}};
  command.run = [](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const Standing standing, standing_of(session));
    session.terminal.print_json(standing_json(standing, session));
    if (!session.terminal.json()) print_standing(session.terminal, standing, session);
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
