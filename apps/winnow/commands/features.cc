#include "features/feature_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "registry/model_registry.h"
#include "server/json_writer.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/layout.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

struct Measured {
  std::string version;  // of the live model; empty where none has a ranker
  std::map<std::string, FeatureFact, std::less<>> facts;
};

Result<Measured> measured_by_live(const StoreLayout& layout) {
  Measured out;
  if (!std::filesystem::exists(layout.models())) return out;
  WINNOW_TRY(const ModelRegistry registry, ModelRegistry::open(layout.models()));
  WINNOW_TRY(const auto live, registry.live());
  if (!live) return out;
  WINNOW_TRY(const auto bundle, registry.load(*live));
  if (!bundle->ranker || bundle->ranker->facts.empty()) return out;
  out.version = *live;
  for (std::size_t f = 0; f < bundle->ranker->facts.size(); ++f)
    out.facts.emplace(bundle->ranker->full_features[f], bundle->ranker->facts[f]);
  return out;
}

std::string features_json(const Measured& measured) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.text_or_null("model_version", measured.version);
  json.key("features");
  json.begin_array();
  for (const FeatureDefinition& feature : feature_definitions()) {
    json.begin_object();
    json.field("name", feature.name);
    json.field("subject", name_of(feature.subject));
    json.field("freshness", name_of(feature.freshness));
    json.field("default", static_cast<double>(feature.fallback));
    json.field("light", feature.core);
    json.field("meaning", feature.meaning);
    const auto fact = measured.facts.find(feature.name);
    if (fact != measured.facts.end()) {
      json.field("coverage", static_cast<double>(fact->second.coverage));
      json.field("importance", static_cast<double>(fact->second.importance));
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

void print_features(Terminal& terminal, const Measured& measured) {
  const bool known = !measured.facts.empty();
  std::vector<Table::Column> columns = {{"feature"}, {"freshness"}, {"light"}};
  if (known) {
    columns.push_back({"coverage", Table::Align::right});
    columns.push_back({"importance", Table::Align::right});
  }
  columns.push_back({"meaning"});
  Table table(std::move(columns));
  for (const FeatureDefinition& feature : feature_definitions()) {
    std::vector<Table::Cell> row = {feature.name, std::string(name_of(feature.freshness)),
                                    feature.core ? "yes" : ""};
    if (known) {
      const auto fact = measured.facts.find(feature.name);
      const bool read = fact != measured.facts.end();
      row.emplace_back(read ? fmt::format("{:.1f}%", 100 * fact->second.coverage) : "-");
      row.emplace_back(read ? fmt::format("{:+.5f}", fact->second.importance) : "-");
    }
    row.emplace_back(feature.meaning);
    table.add_row(std::move(row));
  }
  terminal.print(table.render(terminal));
  if (known) {
    terminal.print(fmt::format(
        "measured when {} was trained; coverage: the share of candidates in which it differs from "
        "its default; importance: NDCG@10 lost when it is permuted",
        measured.version));
  } else {
    terminal.note("coverage and importance come with a ranker: winnow train --ranker");
  }
}

}  // namespace

Command features_command() {
  Command command;
  command.name = "features";
  command.summary = "list what rankers read, with coverage and importance";
  command.description =
      "Every feature of the rankers, with how soon it shows what has happened and what it means. Where the "
      "live "
      "version has a ranker, also its coverage when that was trained, the share of candidates in which it "
      "differs "
      "from its default (of a count, say, those above 0), and its permutation importance: how much the order "
      "of examples that the judged ranker had not seen loses when candidates exchange its values, or whole "
      "lists do where it is the same for all candidates of a list, as with users and contexts.";
  command.examples = {{"winnow features", "of the live version"},
                      {"winnow features --json", "for a program"}};
  command.run = [](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const Measured measured, measured_by_live(StoreLayout{session.data}));
    session.terminal.print_json(features_json(measured));
    print_features(session.terminal, measured);
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
