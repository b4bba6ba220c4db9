#include "winnow/evaluate/judgement_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "winnow/terminal/table.h"

namespace winnow {
namespace {

using Columns = std::vector<Table::Column>;
constexpr Table::Align kRight = Table::Align::right;

// In the order in which they first come.
std::vector<std::string> distinct(const RankingJudgement& judgement, std::string JudgedOrder::*member) {
  std::vector<std::string> out;
  for (const JudgedOrder& row : judgement.rows) {
    if (std::ranges::find(out, row.*member) == out.end()) out.push_back(row.*member);
  }
  return out;
}

Table::Cell figure(const std::optional<double>& value) {
  return value ? Table::Cell(fmt::format("{:.4f}", *value)) : Table::Cell("-", Tone::faint);
}

Table::Cell gain_cell(const std::optional<PairedDifference>& gain) {
  if (!gain) return Table::Cell("-", Tone::faint);
  const Tone tone = gain->low > 0 ? Tone::good : gain->high < 0 ? Tone::bad : Tone::plain;
  return Table::Cell(fmt::format("{:+.4f} ({:+.4f} to {:+.4f})", gain->mean, gain->low, gain->high), tone);
}

Table orders_table(const RankingJudgement& judgement, const std::string& engine) {
  const std::vector<std::string> engines = distinct(judgement, &JudgedOrder::engine);
  Columns columns = {{"NDCG@10"}, {"", Table::Align::left}, {"lists", kRight}};
  for (const std::string& name : engines) columns.push_back({name, kRight});
  const bool compared = std::ranges::find(engines, kBaseline) != engines.end();
  if (compared) columns.push_back({fmt::format("{} less {} (95%)", engine, kBaseline)});
  Table table(std::move(columns));
  for (const std::string& segment : distinct(judgement, &JudgedOrder::segment)) {
    const JudgedOrder* const judged = judgement.find(segment, kCombined, engine);
    if (judged == nullptr) continue;
    std::vector<Table::Cell> row = {Table::Cell(segment, Tone::strong),
                                    Table::Cell(judged->segment_words, Tone::faint),
                                    with_thousands(judged->groups)};
    for (const std::string& name : engines) {
      const JudgedOrder* const found = judgement.find(segment, kCombined, name);
      row.push_back(figure(found == nullptr ? std::nullopt : found->ndcg));
    }
    if (compared) row.push_back(gain_cell(judged->gain));
    table.add_row(std::move(row));
  }
  return table;
}

Table heads_table(const RankingJudgement& judgement) {
  Table table({{"outcome"},
               {"by"},
               {"AUC", kRight},
               {"GAUC", kRight},
               {"log loss", kRight},
               {"ECE", kRight},
               {"NDCG@10", kRight}});
  std::string last;
  for (const JudgedOrder& row : judgement.rows) {
    if (row.segment != "all" || row.head == kCombined) continue;
    table.add_row({Table::Cell(row.head == last ? "" : row.head, Tone::strong), row.engine, figure(row.auc),
                   figure(row.grouped_auc), figure(row.log_loss), figure(row.calibration_error),
                   figure(row.ndcg)});
    last = row.head;
  }
  return table;
}

}  // namespace

std::string judgement_tables(const Terminal& terminal, const RankingJudgement& judgement,
                             const std::string& engine) {
  std::string out;
  if (!judgement.rows.empty())
    out = orders_table(judgement, engine).render(terminal) + "\n" + heads_table(judgement).render(terminal);
  for (const std::string& note : judgement.notes) out += note + "\n";
  return out;
}

}  // namespace winnow
