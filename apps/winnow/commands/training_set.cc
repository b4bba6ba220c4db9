#include "batch/impressions/build.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/store.h"
#include "base/text.h"
#include "batch/impressions/state_features.h"
#include "server/json_writer.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/output_file.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/evaluate/set_file.h"
#include "winnow/settings/setting.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/progress.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

struct TrainingSetFlags {
  std::string out;
  std::string source;
  std::string window;
};

Result<TrainingSetOptions> options_of(const TrainingSetFlags& flags, const Settings& settings) {
  TrainingSetOptions options = training_set_options(settings);
  if (flags.source == "impressions") options.source = TrainingSetOptions::Source::impressions;
  if (flags.source == "implicit") options.source = TrainingSetOptions::Source::implicit;
  if (!flags.window.empty()) {
    WINNOW_TRY(options.window_days, parse_window(flags.window, "training_set.window_days", settings));
  }
  return options;
}

// Known labels above 0, and their sum.
struct HeadCount {
  std::uint64_t known = 0;
  std::uint64_t positive = 0;
  double sum = 0;
};

std::vector<HeadCount> count_heads(const RankingSet& set) {
  std::vector<HeadCount> counts(set.heads.size());
  for (std::size_t r = 0; r < set.rows(); ++r) {
    const auto labels = set.labels_of(r);
    for (std::size_t h = 0; h < counts.size(); ++h) {
      if (!(labels[h] >= 0)) continue;
      ++counts[h].known;
      if (labels[h] > 0) ++counts[h].positive;
      counts[h].sum += static_cast<double>(labels[h]);
    }
  }
  return counts;
}

std::string report_json(const TrainingSetResult& result, const std::filesystem::path& out) {
  const TrainingSetReport& report = result.report;
  const RankingSet& set = result.set.ranking;
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.field("out", out.string());
  json.field("implicit", report.implicit);
  json.field("by_time", report.by_time);
  json.field("events", report.events);
  json.field("impressions", report.impressions);
  json.field("not_applied", report.not_applied);
  json.field("outcomes", report.outcomes);
  json.field("outcomes_early", report.outcomes_early);
  json.field("rows_seen", report.rows_seen);
  json.field("rows_with_outcome", report.rows_with_outcome);
  json.field("rows_as_served", report.rows_as_served);
  json.field("explored", report.explored);
  json.field("weighted_by_place", report.weighted_by_place);
  json.field("groups", static_cast<std::uint64_t>(set.group_count()));
  json.field("rows", static_cast<std::uint64_t>(set.rows()));
  json.field("features", static_cast<std::uint64_t>(set.features.size()));
  json.field("negatives_kept", set.negatives_kept);
  json.key("heads");
  json.begin_object();
  const std::vector<HeadCount> counts = count_heads(set);
  for (std::size_t h = 0; h < counts.size(); ++h) {
    json.key(set.heads[h]);
    json.begin_object();
    json.field("known", counts[h].known);
    json.field("positive", counts[h].positive);
    json.field("sum", counts[h].sum);
    json.end_object();
  }
  json.end_object();
  json.end_object();
  return text;
}

void print_report(Terminal& terminal, const TrainingSetResult& result) {
  const TrainingSetReport& report = result.report;
  const RankingSet& set = result.set.ranking;
  terminal.print(
      fmt::format("{} rows in {} groups, {} features; of {} rows without any outcome {:.3g} were kept",
                  with_thousands(set.rows()), with_thousands(set.group_count()), set.features.size(),
                  with_thousands(report.rows_seen - report.rows_with_outcome), set.negatives_kept));
  if (report.implicit) {
    terminal.print("from what users turned to, beside unseen items drawn by popularity");
  } else if (report.weighted_by_place) {
    terminal.print(fmt::format("clicks weigh by their place, as {} impressions at random places tell",
                               with_thousands(report.explored)));
    for (const std::string& line : report.places) terminal.print("  " + line);
  } else {
    terminal.print("all weights are 1: too few impressions stood at random places to tell what a place does");
  }
  if (report.rows_as_served > 0) {
    terminal.print(
        fmt::format("{} rows have the features that were served", with_thousands(report.rows_as_served)));
  }
  if (report.outcomes_early > 0) {
    terminal.print(fmt::format(
        "{} labels above 0 are of windows that are not over, so the newest rows look better than they are; "
        "training_set.whole_windows = true makes them unknown",
        with_thousands(report.outcomes_early)));
  }
  if (report.not_applied > 0) {
    terminal.print(
        fmt::format("{} events say nothing of a user: of unknown items, or of creators of items without any",
                    with_thousands(report.not_applied)));
  }
  if (report.by_time) terminal.print("the log does not lie in order of time and was read by time");
  Table table({{"outcome"},
               {"known", Table::Align::right},
               {"happened", Table::Align::right},
               {"mean", Table::Align::right}});
  const std::vector<HeadCount> counts = count_heads(set);
  for (std::size_t h = 0; h < counts.size(); ++h) {
    const auto known = static_cast<double>(counts[h].known);
    table.add_row({set.heads[h], with_thousands(counts[h].known), with_thousands(counts[h].positive),
                   known > 0 ? fmt::format("{:.4f}", counts[h].sum / known) : "-"});
  }
  terminal.print("");
  terminal.print(table.render(terminal));
}

Result<ExitCode> make_training_set(Session& session, const TrainingSetFlags& flags) {
  Terminal& terminal = session.terminal;
  WINNOW_TRY(const TrainingSetOptions options, options_of(flags, session.settings));
  const std::filesystem::path out = flags.out;
  WINNOW_RETURN_IF_ERROR(check_output_file("--out", out));
  WINNOW_RETURN_IF_ERROR(check_set_name(out));
  const Interruption interruption;
  WINNOW_TRY(const OpenedStore opened,
             open_store(session.data, Access::read, session.settings.log, session.clock));
  // Users' states of the past need not fit into memory, and an interrupted run goes on from them.
  const StoreLayout layout{session.data};
  WINNOW_TRY(const auto scratch, Store::open(layout.join()));
  WINNOW_TRY(const auto states, EmbeddedFeatureStore::open(*scratch));
  const FeatureList features = all_features();
  const TrainingSetInputs inputs{.log = *opened.log,
                                 .catalog = *opened.catalog,
                                 .feedback = session.settings.feedback.policy,
                                 .states = *states,
                                 .feature_names = names_of(features),
                                 .features = state_features(features, *opened.catalog),
                                 .served = opened.impressions.get()};
  Progress progress(terminal, "joining");
  auto result =
      build_training_set(inputs, options, [&](std::string_view, std::size_t done, std::size_t total) {
        progress.update(done, total);
        return !interruption.requested();
      });
  if (!result.ok()) {
    if (!interruption.requested()) return result.error();
    terminal.note("interrupted: run the same command again to go on from here");
    return ExitCode::interrupted;
  }
  WINNOW_RETURN_IF_ERROR(write_set_file(result->set.ranking, out));
  WINNOW_RETURN_IF_ERROR(states->clear());
  progress.finish(fmt::format("{} rows", with_thousands(result->set.ranking.rows())));
  terminal.print_json(report_json(*result, out));
  if (!terminal.json()) print_report(terminal, *result);
  terminal.note("written to " + out.string());
  return ExitCode::ok;
}

}  // namespace

Command training_set_command() {
  const auto own = std::make_shared<TrainingSetFlags>();
  Command command;
  command.name = "training-set";
  command.summary = "write what rankers learn from: features as of then, and what came of it";
  command.description =
      "Goes through the event log, joins each impression with what came of it, and writes a table of the "
      "features as they stood just before it was shown. Where the log holds no impression, what users turned "
      "to stands beside unseen items drawn by popularity. A FILE that ends in .parquet is a Parquet file for "
      "other tools; any other is in winnow's own format. Works beside a running server.";
  command.flags = {
      {"--out", "FILE", "the file to write", &own->out, true},
      {"--source",
       "SOURCE",
       "what becomes a group; default training_set.source",
       &own->source,
       false,
       0,
       0,
       {"auto", "impressions", "implicit"}},
      {"--window", "DAYS", "of so many days, or \"all\"; default training_set.window_days", &own->window}};
  command.examples = {{"winnow training-set --out set.parquet", "for another tool"},
                      {"winnow training-set --source implicit --out set.ranking", "without impressions"}};
  command.run = [own](Session& session) { return make_training_set(session, *own); };
  return command;
}

}  // namespace winnow
