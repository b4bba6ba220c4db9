#include <fmt/format.h>

#include <memory>
#include <string>

#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/store.h"
#include "base/file.h"
#include "base/text.h"
#include "batch/job.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/evaluate/judgement_tables.h"
#include "winnow/settings/setting.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/progress.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

// A progress line for each step of the job.
class StepProgress final {
 public:
  StepProgress(Terminal& terminal, const Interruption& interruption)
      : terminal_(terminal), interruption_(interruption) {}

  bool update(std::string_view step, std::size_t done, std::size_t total) {
    if (step != step_) {
      progress_.reset();
      step_ = step;
      progress_ = std::make_unique<Progress>(terminal_, fmt::format("training: {}", step));
    }
    progress_->update(done, total);
    return !interruption_.requested();
  }
  void end() { progress_.reset(); }

 private:
  Terminal& terminal_;
  const Interruption& interruption_;
  std::string step_;
  std::unique_ptr<Progress> progress_;
};

std::string counts_of(const JobReport& report) {
  const CleanReport& clean = report.clean;
  std::string out = fmt::format("{} events since {}", with_thousands(report.extract.events),
                                human_time(report.extract.oldest_ms).substr(0, 10));
  const auto left_out = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) out += fmt::format(", {} {}", with_thousands(count), what);
  };
  left_out(clean.by_bots, "by bots");
  left_out(clean.repeats, "repeats");
  left_out(clean.silent, "without weight");
  left_out(clean.over_cap, "over the daily cap");
  return out + fmt::format("; learned from {} pairs of {} users and {} items",
                           with_thousands(report.data.pairs), with_thousands(report.data.users),
                           with_thousands(report.data.items));
}

void print_quality(Terminal& terminal, const JobReport& report) {
  static constexpr std::string_view kShown[] = {"ndcg@10", "recall@10", "hit_rate@10", "mrr@10",
                                                "coverage@10"};
  std::vector<Table::Column> columns = {{"model"}};
  for (const std::string_view metric : kShown) columns.push_back({std::string(metric), Table::Align::right});
  Table table(std::move(columns));
  for (const auto& [model, metrics] : report.judgement.models) {
    std::vector<Table::Cell> row = {Table::Cell(model, model == "blend" ? Tone::strong : Tone::plain)};
    for (const std::string_view metric : kShown) {
      const auto found = metrics.find(std::string(metric));
      row.emplace_back(found == metrics.end() ? "-" : fmt::format("{:.4f}", found->second.value));
    }
    table.add_row(std::move(row));
  }
  terminal.print(fmt::format("\nOn the newest part, which the judged models had not seen ({} users):",
                             with_thousands(report.judgement.users)));
  terminal.print(table.render(terminal));
}

void print_ranker(Terminal& terminal, const JobReport& report) {
  if (report.ranker) {
    const RankerReport& ranker = *report.ranker;
    terminal.print(
        fmt::format("\nThe ranker beside other orders, on a fifth of {} {} ({} rows) that it had not seen:",
                    with_thousands(ranker.groups),
                    ranker.examples == "shown" ? "answers as they were shown" : "users' histories",
                    with_thousands(ranker.rows)));
    if (ranker.examples != "shown" && ranker.answers > 0) {
      terminal.print(
          fmt::format("from history: of {} answers that were kept, {} are known to have an outcome",
                      with_thousands(ranker.answers), with_thousands(ranker.answers_with_outcome)));
    }
    terminal.print(judgement_tables(terminal, ranker.judgement, "full"));
  }
  if (!report.ranker_note.empty()) terminal.print("ranker: " + printable(report.ranker_note));
}

void print_gates(Terminal& terminal, const JobReport& report) {
  Table table({{"gate"}, {""}, {"what it says"}});
  for (const GateResult& gate : report.gates) {
    table.add_row({gate.name,
                   Table::Cell(gate.passed ? "passed" : "failed", gate.passed ? Tone::good : Tone::bad),
                   gate.words});
  }
  terminal.print("");
  terminal.print(table.render(terminal));
}

// Where users' states of the past lie while a ranker learns from what was shown; nothing where it does not.
struct PastStates {
  std::shared_ptr<Store> store;  // first: what follows is closed before it
  std::unique_ptr<FeatureStore> states;
};

Result<PastStates> states_of_the_past(const OpenedStore& opened, const TrainOptions& options,
                                      const StoreLayout& layout) {
  PastStates past;
  if (!options.rank || options.refresh) return past;
  if (opened.impressions->statistics().impressions < options.shown.least) return past;
  WINNOW_TRY(past.store, Store::open(layout.examples()));
  WINNOW_TRY(past.states, EmbeddedFeatureStore::open(*past.store));
  return past;
}

}  // namespace

Command train_command() {
  const auto window_days = std::make_shared<std::string>();
  const auto refresh = std::make_shared<bool>(false);
  const auto ranker = std::make_shared<bool>(false);
  Command command;
  command.name = "train";
  command.summary = "learn from the events, check the result and make it live";
  command.description =
      "Takes the events of the window, cleans them, trains ALS, item-to-item and popularity, learns how to "
      "blend them, judges the result on the newest part of the data against popularity and the live version, "
      "and makes it live when "
      "no gate objects. A running server switches to it by itself. A training that was interrupted goes on "
      "after its last finished step when it is run again. Works beside a running server.\n"
      "With --refresh the live version is moved on to the newest events, new items included, which takes a "
      "fraction of a training; what was chosen and judged stays as it was.\n"
      "Exit code 7 means that all went well, but a gate kept the new version from going live.";
  command.flags = {{"--window", "DAYS", "learn from so many days, or \"all\"; default train.window_days",
                    window_days.get()},
                   {"--ranker", "", "learn a ranker too; default ranking.train", ranker.get()},
                   {"--refresh", "", "move the live version on instead of training anew", refresh.get()}};
  command.examples = {{"winnow train", "with the settings in force"},
                      {"winnow train --window all", "from all events there are"},
                      {"winnow train --refresh", "between two trainings"}};
  command.run = [window_days, refresh, ranker](Session& session) -> Result<ExitCode> {
    Terminal& terminal = session.terminal;
    TrainOptions options = train_options(session.settings);
    options.refresh = *refresh;
    if (!window_days->empty()) {
      WINNOW_TRY(options.extract.window_days,
                 parse_window(*window_days, "train.window_days", session.settings));
    }
    options.rank = options.rank || *ranker;
    const Interruption interruption;
    const StoreLayout layout{session.data};
    WINNOW_TRY(const OpenedStore opened,
               open_store(session.data, Access::read, session.settings.log, session.clock));
    WINNOW_RETURN_IF_ERROR(make_directories(layout.models()));
    WINNOW_TRY(ModelRegistry registry, ModelRegistry::open(layout.models()));
    WINNOW_TRY(const PastStates past, states_of_the_past(opened, options, layout));
    StepProgress progress(terminal, interruption);
    const JobInputs inputs{.log = *opened.log,
                           .catalog = *opened.catalog,
                           .feedback = session.settings.feedback.policy,
                           .registry = registry,
                           .clock = session.clock,
                           .work_folder = layout.work(),
                           .impressions = opened.impressions.get(),
                           .states = past.states.get()};
    auto report =
        run_training(inputs, options, [&](std::string_view step, std::size_t done, std::size_t total) {
          return progress.update(step, done, total);
        });
    progress.end();
    if (!report.ok()) {
      if (!interruption.requested()) return report.error();
      terminal.note("interrupted: run the same command again to go on from here");
      return ExitCode::interrupted;
    }
    terminal.print_json(report_json(*report));
    terminal.print(counts_of(*report));
    if (report->refreshed) {
      terminal.print(fmt::format("{} moved on to the newest events; its blend and its judgement are kept",
                                 report->previous_live));
    } else {
      print_quality(terminal, *report);
      print_ranker(terminal, *report);
      print_gates(terminal, *report);
    }
    terminal.print(fmt::format(
        "\n{}  {}  in {} ({} of CPU)",
        report->promoted ? terminal.paint(Tone::good, "live") : terminal.paint(Tone::bad, "refused"),
        report->version, human_duration(report->seconds()), human_duration(report->cpu_seconds())));
    if (!report->promoted) {
      terminal.print("it was kept, but is not served: " + printable(report->refusal));
      return ExitCode::refused;
    }
    terminal.note(fmt::format("next: winnow serve --data {}", session.data.string()));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
