#include "batch/evaluate/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "winnow/cli/interruption.h"
#include "winnow/cli/output_file.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/evaluate/judge_set.h"
#include "winnow/evaluate/judgement_tables.h"
#include "winnow/evaluate/timed_events.h"
#include "winnow/store/opened_store.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

struct EvaluateFlags {
  std::string protocol;
  std::string input;
  std::string models = "popular,item_to_item,als,blend";
  std::string cutoffs = "10,20";
  std::string test_from;
  std::string json_file;
  std::string budget;
  std::string set;
  std::string compare;
  std::string compared_with;
  std::vector<std::string> parameters;
  std::int64_t seed = 1;
  bool tune = false;
  bool segments = false;
};

Result<EvaluationData> read_time_split(const EvaluateFlags& flags, Session& session) {
  WINNOW_TRY(const TestFrom from, TestFrom::parse(flags.test_from.empty() ? "0.8" : flags.test_from));
  const FeedbackPolicy& feedback = session.settings.feedback.policy;
  const std::filesystem::path input = flags.input.empty() ? session.data : std::filesystem::path(flags.input);
  const bool is_store = flags.input.empty() || std::filesystem::exists(StoreLayout{input}.records());
  const auto read = [&]() -> Result<TimedEvents> {
    if (is_store) {
      WINNOW_TRY(const OpenedStore store,
                 open_store(input, Access::read, session.settings.log, session.clock));
      return read_timed_store(*store.catalog, *store.log, feedback, session.terminal);
    }
    ReadOptions options;
    options.rules.limits = session.settings.engine.events;
    options.rules.now_ms = session.clock.now_ms();
    return read_timed_files(input, feedback, options, session.terminal);
  };
  WINNOW_TRY(const TimedEvents events, read());
  auto data = events.split(from);
  if (!data.ok()) return while_doing(input.string(), data.error());
  data->input = input.string();
  return data;
}

// The live version's ranker on a ranking set.
Result<ExitCode> evaluate_set(Session& session, const EvaluateFlags& flags) {
  Terminal& terminal = session.terminal;
  WINNOW_TRY(const RankingJudgement judgement, judge_set(flags.set, session.data, session.settings));
  const std::string json = judgement_json(judgement);
  terminal.print_json(json);
  if (!terminal.json()) terminal.print(judgement_tables(terminal, judgement, "full"));
  if (!flags.json_file.empty()) {
    WINNOW_RETURN_IF_ERROR(write_file_atomically(flags.json_file, json + "\n"));
    terminal.note("written to " + flags.json_file);
  }
  return ExitCode::ok;
}

Result<EvaluationData> read_data(const EvaluateFlags& flags, Session& session) {
  WINNOW_TRY(const Protocol protocol, protocol_named(flags.protocol));
  if (protocol == Protocol::time_split) return read_time_split(flags, session);
  if (!flags.test_from.empty()) {
    return Error{ErrorCode::invalid,
                 fmt::format("--test-from is for time-split; {} has a split of its own", flags.protocol),
                 "--test-from"};
  }
  if (flags.input.empty()) {
    return Error{ErrorCode::invalid,
                 fmt::format("--input PATH is missing: name the data of {}", flags.protocol), "--input"};
  }
  WINNOW_TRY(EvaluationData data, protocol == Protocol::user_items
                                      ? read_user_items(flags.input, static_cast<std::uint64_t>(flags.seed))
                                      : read_sequences(flags.input));
  data.input = flags.input;
  return data;
}

Result<Parameters> parse_parameters(const std::vector<std::string>& given) {
  Parameters out;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    const auto value = equals == std::string::npos ? std::nullopt : parse_double(text.substr(equals + 1));
    if (!value) {
      return Error{ErrorCode::invalid,
                   fmt::format("--parameter is '{}'; give NAME=NUMBER, as als.dims=128", excerpt(text)),
                   "--parameter"};
    }
    out[text.substr(0, equals)] = *value;
  }
  return out;
}

void print_comparison(Terminal& terminal, const ModelComparison& comparison) {
  if (!comparison.note.empty()) {
    terminal.print("\n" + comparison.note);
    return;
  }
  Table table({{fmt::format("{} less {}", comparison.second, comparison.first)},
               {"difference", Table::Align::right},
               {"95% interval", Table::Align::right},
               {"better in", Table::Align::right}});
  for (const auto& [metric, difference] : comparison.metrics) {
    const Tone tone = difference.low > 0 ? Tone::good : difference.high < 0 ? Tone::bad : Tone::plain;
    table.add_row({metric, Table::Cell(fmt::format("{:+.4f}", difference.mean), tone),
                   fmt::format("{:+.4f} to {:+.4f}", difference.low, difference.high),
                   fmt::format("{:.1f}% of resamples", 100 * difference.share_better)});
  }
  terminal.print("\nthe same users, resampled (paired bootstrap):");
  terminal.print(table.render(terminal));
}

void print_report(Terminal& terminal, const EvaluationReport& report,
                  const std::vector<std::size_t>& cutoffs) {
  std::vector<Table::Column> columns = {{"model"}};
  std::vector<std::string> metrics;
  for (const std::size_t k : cutoffs) {
    for (const char* name : {"recall", "ndcg"}) metrics.push_back(fmt::format("{}@{}", name, k));
  }
  for (const std::string& metric : metrics) {
    columns.push_back({metric, Table::Align::right});
    columns.push_back({"95% interval"});
  }
  columns.push_back({"CPU of training", Table::Align::right});
  Table table(std::move(columns));
  for (const ModelReport& model : report.models) {
    std::vector<Table::Cell> row = {Table::Cell(model.name, Tone::strong)};
    for (const std::string& metric : metrics) {
      const auto found = model.metrics.find(metric);
      if (found == model.metrics.end()) {
        row.insert(row.end(), {Table::Cell("-"), Table::Cell("")});
        continue;
      }
      row.emplace_back(fmt::format("{:.4f}", found->second.value));
      row.emplace_back(fmt::format("{:.4f}-{:.4f}", found->second.low, found->second.high), Tone::faint);
    }
    row.emplace_back(human_duration(model.train_cpu_s));
    table.add_row(std::move(row));
  }
  if (!report.models.empty()) {
    const ModelReport& first = report.models.front();
    terminal.print(fmt::format("{} of {}: {} users, {} items, {} events", report.protocol, report.input,
                               with_thousands(first.users), with_thousands(first.items),
                               with_thousands(first.events)));
  }
  if (report.users_without_history > 0) {
    terminal.print(fmt::format("{} users had no history before their test items and are left out",
                               with_thousands(report.users_without_history)));
  }
  terminal.print("");
  terminal.print(table.render(terminal));
  for (const ModelReport& model : report.models) {
    if (!model.note.empty()) terminal.print(fmt::format("{}: {}", model.name, model.note));
  }
  if (report.comparison) print_comparison(terminal, *report.comparison);
  if (report.segments) {
    terminal.print("\nthe candidates of test users, by whom and what they are:");
    terminal.print(judgement_tables(terminal, *report.segments, "full"));
  }
  if (report.chosen.empty()) return;
  terminal.print("\nchosen on a validation cut of the training part:");
  for (const auto& [name, value] : report.chosen) terminal.print(fmt::format("  {} = {}", name, value));
}

// "--compare A B", or "--compare A,B". None where it is not asked for.
Result<std::vector<std::string>> compared_models(const EvaluateFlags& flags) {
  if (flags.compare.empty() && flags.compared_with.empty()) return std::vector<std::string>();
  if (flags.compare.empty()) {
    return Error{
        ErrorCode::invalid,
        fmt::format("\"{}\" stands alone: data come by --input PATH, a second model after --compare A",
                    flags.compared_with),
        "B"};
  }
  const std::string both =
      flags.compared_with.empty() ? flags.compare : flags.compare + "," + flags.compared_with;
  auto models = parse_models(both);
  if (models.ok() && models->size() == 1 && both.find(',') != std::string::npos) {
    return Error{ErrorCode::invalid,
                 fmt::format("--compare names {} twice, and a model is no better than itself: name two, as "
                             "--compare blend funnel",
                             models->front()),
                 "--compare"};
  }
  if (!models.ok() || models->size() != 2) {
    return Error{ErrorCode::invalid,
                 fmt::format("--compare takes two models, as --compare blend funnel{}{}",
                             models.ok() ? "" : ": ", models.ok() ? "" : models.error().message),
                 "--compare"};
  }
  return models;
}

Result<ExitCode> evaluate_models(Session& session, const EvaluateFlags& flags) {
  Terminal& terminal = session.terminal;
  EvaluateOptions options;
  WINNOW_TRY(options.models, parse_models(flags.models));
  WINNOW_TRY(options.cutoffs, parse_cutoffs(flags.cutoffs));
  WINNOW_TRY(options.compared, compared_models(flags));
  for (const std::string& model : options.compared) {
    if (std::ranges::find(options.models, model) == options.models.end()) options.models.push_back(model);
  }
  if (flags.segments && std::ranges::find_first_of(options.models, kRankers) == options.models.end()) {
    return Error{ErrorCode::invalid,
                 fmt::format("--segments is about rankers, and --models names none: add one of {}",
                             fmt::join(kRankers, ", ")),
                 "--segments"};
  }
  options.seed = static_cast<std::uint64_t>(flags.seed);
  options.tune = flags.tune;
  options.segments = flags.segments;
  options.parameters.options = session.settings.train.models;
  options.ranker = session.settings.train.ranker;
  options.ranker.replay = training_set_options(session.settings).replay;
  WINNOW_TRY(options.parameters.overrides, parse_parameters(flags.parameters));
  if (!flags.budget.empty()) {
    const auto seconds = duration_seconds(flags.budget);
    if (!seconds) {
      return Error{ErrorCode::invalid,
                   fmt::format("--budget is '{}'; give a time, as 90s, 30m or 2h", excerpt(flags.budget)),
                   "--budget"};
    }
    options.budget_s = *seconds;
  }
  WINNOW_TRY(const EvaluationData data, read_data(flags, session));
  terminal.note(fmt::format("this should take about {} of one core{}",
                            human_duration(estimated_seconds(data, options)),
                            options.tune && flags.budget.empty() ? "; --budget 30m caps the search" : ""));
  const Interruption interruption;
  std::string shown;  // terminals that cannot redraw show each step once
  auto report = evaluate(data, options, [&](std::string_view step) {
    if (std::exchange(shown, step) != step) {
      terminal.live() ? terminal.redraw(fmt::format("evaluating: {}", step))
                      : terminal.note(fmt::format("evaluating: {}", step));
    }
    return !interruption.requested();
  });
  terminal.redraw("");
  if (!report.ok()) {
    if (!interruption.requested()) return report.error();
    terminal.note("interrupted: nothing is reported");
    return ExitCode::interrupted;
  }
  const std::string json = report_json(*report);
  terminal.print_json(json);
  if (!terminal.json()) print_report(terminal, *report, options.cutoffs);
  if (!flags.json_file.empty()) {
    WINNOW_RETURN_IF_ERROR(write_file_atomically(flags.json_file, json + "\n"));
    terminal.note("written to " + flags.json_file);
  }
  return ExitCode::ok;
}

}  // namespace

Command evaluate_command() {
  const auto own = std::make_shared<EvaluateFlags>();
  Command command;
  command.name = "evaluate";
  command.summary = "measure the models' quality on held-out data";
  command.description =
      "Trains the models on one part of some data and measures them on the other, by a fixed protocol:\n"
      "user-items: PATH/train.txt and PATH/test.txt, a line = user item item ...; all items are ranked, the "
      "user's train "
      "items masked.\n"
      "sequence: a file, a line = user item item ... oldest first; the last item is the test.\n"
      "time-split: a MovieLens folder, other files that import takes, or a store (default: the one of "
      "--data); the events after --test-from are the test, and of them the positives of feedback.positive.\n"
      "`blend` is what requests use; `best` is the model or the blend of models that does best on a "
      "validation cut of the training part, among the models that are named with it, else among all.\n"
      "--json FILE writes all metrics with their 95% intervals over users. Every convention is in "
      "docs/evaluation.md.";
  command.flags = {
      {"--protocol",
       "P",
       "how the data are split",
       &own->protocol,
       false,
       0,
       0,
       {"user-items", "sequence", "time-split"}},
      {"--input", "PATH", "the data", &own->input},
      {"--models", "LIST",
       fmt::format("which models, of {}; default popular,item_to_item,als,blend",
                   fmt::join(model_names(), ",")),
       &own->models},
      {"--k", "LIST", "lengths of the lists that are judged; default 10,20", &own->cutoffs},
      {"--seed", "N", "of everything random; default 1", &own->seed, false, 0, 9e15},
      {"--test-from", "WHERE",
       "of time-split: a share of time (0.8, the default) or of each user's events (user:0.8)",
       &own->test_from},
      {"--tune", "", "search for better parameters on a validation cut of the training part", &own->tune},
      {"--parameter", "NAME=VALUE", "of a model, as als.dims=128; may repeat", &own->parameters},
      {"--budget", "TIME", "of the whole run, as 30m or 2h: the search ends early to keep to it",
       &own->budget},
      {"--compare", "A", "by how much model B is better than A, with a bootstrap interval", &own->compare},
      {"--segments", "",
       "how `light`, `funnel` and `full` do by outcome, by users' history and by items' age", &own->segments},
      {"--set", "FILE", "judge the live version's ranker on a set of winnow training-set instead", &own->set},
      {"--json", "FILE", "write the report there", &own->json_file},
      {"B", "", "the other model of --compare", &own->compared_with}};
  command.examples = {
      {"winnow evaluate --protocol time-split --input ml-latest-small --test-from user:0.8",
       "a MovieLens folder"},
      {"winnow evaluate --protocol time-split --models popular,blend", "the store's own events"},
      {"winnow evaluate --protocol user-items --input gowalla --models als --k 20 --tune --json out.json",
       "a published split, with parameters searched for"},
      {"winnow evaluate --protocol time-split --test-from user:0.8 --compare blend funnel",
       "whether the rankers are worth it"},
      {"winnow evaluate --set set.parquet", "the live ranker on what was really shown"},
      {"winnow evaluate --protocol sequence --input Beauty.txt --models best --tune --budget 30m",
       "what we recommend for these data, chosen within half an hour"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    if (!own->json_file.empty()) WINNOW_RETURN_IF_ERROR(check_output_file("--json", own->json_file));
    if (!own->set.empty()) return evaluate_set(session, *own);
    if (own->protocol.empty()) {
      return Error{ErrorCode::invalid, "--protocol is missing: give user-items, sequence or time-split",
                   "--protocol"};
    }
    return evaluate_models(session, *own);
  };
  return command;
}

}  // namespace winnow
