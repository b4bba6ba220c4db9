// winnow recommend, winnow similar: one question to the store, answered as the server would.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "server/json_answers.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/site/opened_site.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

// The site with all that the log holds applied. Reads beside a running server.
Result<OpenedSite> open_to_ask(Session& session) {
  WINNOW_TRY(OpenedSite site, open_site(session.data, Access::prefer_write, session.settings, session.clock));
  WINNOW_RETURN_IF_ERROR(site.engine->catch_up());
  return site;
}

std::string title_of(const Engine& engine, const std::string& item_id) {
  const Result<Item> item = engine.item(item_id);
  return item.ok() ? item->title : std::string();
}

std::string sources_of(const SlateItem& item) {
  std::string text;
  for (const auto& [source, score] : item.sources) {
    fmt::format_to(std::back_inserter(text), "{}{} {:.3g}", text.empty() ? "" : ", ", source, score);
  }
  return text;
}

Table table_of(const Engine& engine, const std::vector<SlateItem>& items) {
  Table table(
      {{"", Table::Align::right}, {"item"}, {"title"}, {"score", Table::Align::right}, {"why"}, {"sources"}});
  std::size_t place = 0;
  for (const SlateItem& item : items) {
    table.add_row({Table::Cell(std::to_string(++place), Tone::faint), Table::Cell(item.item_id, Tone::strong),
                   title_of(engine, item.item_id), fmt::format("{:.3f}", item.score), item.reason.text,
                   Table::Cell(sources_of(item), Tone::faint)});
  }
  return table;
}

struct RecommendFlags {
  std::string user;
  std::string session;
  std::string surface = "home";
  std::int64_t count = 10;
  std::vector<std::string> exclude;
  std::vector<std::string> categories;
  std::string country;
  std::string cursor;
};

Result<ExitCode> recommend(Session& session, const RecommendFlags& flags) {
  Query query;
  query.user_id = flags.user;
  query.session_id = flags.session;
  query.surface = flags.surface;
  query.count = static_cast<std::size_t>(flags.count);
  query.exclude = flags.exclude;
  query.categories = flags.categories;
  query.country = flags.country;
  query.cursor = flags.cursor;
  query.now_ms = session.clock.now_ms();
  if (!query.user_id.empty()) WINNOW_RETURN_IF_ERROR(check_id(query.user_id, "user_id"));
  if (!query.session_id.empty()) WINNOW_RETURN_IF_ERROR(check_id(query.session_id, "session_id"));
  WINNOW_TRY(const OpenedSite site, open_to_ask(session));
  WINNOW_TRY(const Response response, site.engine->recommend(query));

  Terminal& terminal = session.terminal;
  std::string line;
  JsonWriter json(line);
  write(json, response);
  terminal.print_json(line);
  terminal.print(table_of(*site.engine, response.items).render(terminal));
  std::string dropped;
  for (const auto& [reason, count] : response.dropped) {
    fmt::format_to(std::back_inserter(dropped), "{}{} {}", dropped.empty() ? "" : ", ", with_thousands(count),
                   reason);
  }
  terminal.print(terminal.paint(
      Tone::faint, fmt::format("{:.2f} ms, level {}, model {}{}\n", response.took_ms, name_of(response.level),
                               response.model_version.empty() ? "none" : response.model_version,
                               dropped.empty() ? "" : "; left out: " + dropped)));
  if (!response.cursor.empty()) terminal.note("next page: --cursor " + response.cursor);
  return ExitCode::ok;
}

struct SimilarFlags {
  std::string item;
  std::int64_t count = 10;
};

Result<ExitCode> similar(Session& session, const SimilarFlags& flags) {
  WINNOW_TRY(const OpenedSite site, open_to_ask(session));
  WINNOW_TRY(const ItemList list, site.engine->similar(flags.item, static_cast<std::size_t>(flags.count)));
  Terminal& terminal = session.terminal;
  std::string line;
  JsonWriter json(line);
  write(json, list);
  terminal.print_json(line);
  terminal.print(table_of(*site.engine, list.items).render(terminal));
  return ExitCode::ok;
}

}  // namespace

Command recommend_command() {
  const auto own = std::make_shared<RecommendFlags>();
  Command command;
  command.name = "recommend";
  command.summary = "show what a user would be recommended, and why";
  command.description =
      "Answers as the server would, with reasons, sources and what was left out. Works beside a running "
      "server. Without "
      "USER it answers for a first-time visitor.";
  command.flags = {{"--count", "N", "how many items; default 10", &own->count, false, 1, Query::kMaxCount},
                   {"--session", "ID", "the visitor's session", &own->session},
                   {"--surface", "NAME", "the place where the items will stand; default home", &own->surface},
                   {"--exclude", "ITEM", "an item not to show; may repeat", &own->exclude},
                   {"--category", "NAME", "only items of this category; may repeat", &own->categories},
                   {"--country", "CODE", "overrides the profile's", &own->country},
                   {"--cursor", "CURSOR", "of the page before", &own->cursor},
                   {"USER", "", "the user's id", &own->user}};
  command.examples = {{"winnow recommend 42", "ten items for user 42"},
                      {"winnow recommend 42 --category Comedy --json", "for machines"}};
  command.run = [own](Session& session) -> Result<ExitCode> { return recommend(session, *own); };
  return command;
}

Command similar_command() {
  const auto own = std::make_shared<SimilarFlags>();
  Command command;
  command.name = "similar";
  command.summary = "show an item's neighbours";
  command.description = "Items that the same people like, most similar first. Works beside a running server.";
  command.flags = {{"--count", "N", "how many items; default 10", &own->count, false, 1, Query::kMaxCount},
                   {"ITEM", "", "the item's id", &own->item, true}};
  command.examples = {{"winnow similar 1", "what goes with item 1"}};
  command.run = [own](Session& session) -> Result<ExitCode> { return similar(session, *own); };
  return command;
}

}  // namespace winnow
