// recommend and similar: what the server would answer, on the command line.

#include <fmt/format.h>

#include <memory>
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

struct RecommendFlags {
  std::string user;
  std::string session;
  std::string surface = "home";
  std::int64_t count = 10;
  std::vector<std::string> exclude;
  std::vector<std::string> categories;
  std::string country;
  std::string context_item;
  std::string cursor;
  bool trace = false;
};

Result<Query> query_of(const RecommendFlags& flags, const Clock& clock) {
  if (!flags.user.empty()) WINNOW_RETURN_IF_ERROR(check_id(flags.user, "--user"));
  if (!flags.session.empty()) WINNOW_RETURN_IF_ERROR(check_id(flags.session, "--session"));
  Query query;
  query.user_id = flags.user;
  query.session_id = flags.session;
  query.surface = flags.surface;
  query.count = static_cast<std::size_t>(flags.count);
  query.exclude = flags.exclude;
  query.categories = flags.categories;
  query.country = flags.country;
  query.context_item = flags.context_item;
  query.cursor = flags.cursor;
  query.now_ms = clock.now_ms();
  return query;
}

// The item's title, or its id where it has none.
std::string title_of(const Engine& engine, const std::string& id) {
  const auto item = engine.item(id);
  return item.ok() && !item->title.empty() ? item->title : id;
}

std::string slate_table(const Terminal& terminal, const Engine& engine, const std::vector<SlateItem>& items) {
  Table table({{"#", Table::Align::right},
               {"item"},
               {"title"},
               {"score", Table::Align::right},
               {"why"},
               {"sources"}});
  std::size_t rank = 0;
  for (const SlateItem& item : items) {
    std::string sources;
    for (const auto& source : item.sources) sources.append(sources.empty() ? "" : " ").append(source.first);
    table.add_row({fmt::format("{}", ++rank), item.item_id,
                   Table::Cell(title_of(engine, item.item_id), Tone::strong),
                   fmt::format("{:.3f}", item.score), item.reason.text, Table::Cell(sources, Tone::faint)});
  }
  return table.render(terminal);
}

void print_trace(Terminal& terminal, const RequestTrace& trace) {
  Table table({{"stage"}, {"µs", Table::Align::right}});
  for (const RequestTrace::Entry& entry : trace.entries()) {
    table.add_row({std::string(entry.stage), fmt::format("{:.1f}", entry.us)});
  }
  terminal.print("");
  terminal.print(table.render(terminal));
}

// What of the model did not do its part; else that there is none.
void tell_of_model(Terminal& terminal, const Engine& engine) {
  const SiteStatus status = engine.status();
  if (!status.model_error.empty()) {
    terminal.alert(status.model_error);
  } else if (status.model_version.empty()) {
    terminal.note("no model is live yet: winnow train makes one");
  }
}

void print_answer(Terminal& terminal, const Engine& engine, const Response& response) {
  if (response.items.empty()) {
    terminal.print("nothing to recommend: the store has no item that may be shown");
    return;
  }
  terminal.print(slate_table(terminal, engine, response.items));
  std::string words = fmt::format("level {}  model {}  {} candidates in {:.2f} ms", name_of(response.level),
                                  response.model_version.empty() ? "none" : response.model_version,
                                  response.candidates, response.took_ms);
  for (const auto& [filter, count] : response.dropped)
    words += fmt::format("  {} dropped: {}", count, filter);
  for (const std::string& source : response.missing) words += fmt::format("  missing: {}", source);
  terminal.note(words);
}

}  // namespace

Command recommend_command() {
  const auto own = std::make_shared<RecommendFlags>();
  Command command;
  command.name = "recommend";
  command.summary = "show what a user would get, and why";
  command.description =
      "Answers as the server would, with the reason of every item and the sources that proposed it. Without "
      "--user and --session it answers a first-time visitor. Works beside a running server. With --json "
      "prints what the API answers.";
  command.flags = {{"--user", "ID", "whom to recommend to", &own->user},
                   {"--session", "ID", "an anonymous visitor's session", &own->session},
                   {"--surface", "NAME", "where the answer is to be shown; default home", &own->surface},
                   {"--count", "N", "items wanted; default 10", &own->count, false, 1, Query::kMaxCount},
                   {"--exclude", "ITEM", "an item not to show; may repeat", &own->exclude},
                   {"--category", "NAME", "only items in it; may repeat", &own->categories},
                   {"--country", "CODE", "in place of the profile's", &own->country},
                   {"--context-item", "ITEM", "the item on screen", &own->context_item},
                   {"--cursor", "TEXT", "of the page before", &own->cursor},
                   {"--trace", "", "show how long each stage took", &own->trace}};
  command.examples = {
      {"winnow recommend --user 42", "ten items for user 42"},
      {"winnow recommend --user 42 --category Comedy --count 5 --json", "as the API answers"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const Query query, query_of(*own, session.clock));
    WINNOW_TRY(const OpenedSite opened, open_current_site(session, Access::prefer_write));
    RequestTrace trace;
    WINNOW_TRY(const Response response, opened.engine->recommend(query, trace));
    Terminal& terminal = session.terminal;
    std::string text;
    JsonWriter json(text);
    write(json, response);
    terminal.print_json(text);
    if (!terminal.json()) print_answer(terminal, *opened.engine, response);
    tell_of_model(terminal, *opened.engine);
    if (own->trace && !terminal.json()) print_trace(terminal, trace);
    return ExitCode::ok;
  };
  return command;
}

Command similar_command() {
  struct SimilarFlags {
    std::string item;
    std::int64_t count = 10;
  };
  const auto own = std::make_shared<SimilarFlags>();
  Command command;
  command.name = "similar";
  command.summary = "show an item's neighbours";
  command.description =
      "Lists the items that people who liked this one also liked. Works beside a running server.";
  command.flags = {{"--count", "N", "neighbours wanted; default 10", &own->count, false, 1, Query::kMaxCount},
                   {"ITEM", "", "the item's id", &own->item, true}};
  command.examples = {{"winnow similar 1 --count 5", "the five nearest to item 1"}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    WINNOW_TRY(const OpenedSite opened, open_current_site(session, Access::prefer_write));
    WINNOW_TRY(const ItemList list, opened.engine->similar(own->item, static_cast<std::size_t>(own->count)));
    Terminal& terminal = session.terminal;
    std::string text;
    JsonWriter json(text);
    write(json, list);
    terminal.print_json(text);
    tell_of_model(terminal, *opened.engine);
    if (terminal.json()) return ExitCode::ok;
    if (list.items.empty()) {
      terminal.print(fmt::format("item \"{}\" has no neighbours yet", printable(own->item)));
      return ExitCode::ok;
    }
    terminal.print(fmt::format("like {}:",
                               terminal.paint(Tone::strong, printable(title_of(*opened.engine, own->item)))));
    terminal.print(slate_table(terminal, *opened.engine, list.items));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow
