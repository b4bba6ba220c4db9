#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/text.h"
#include "batch/ranking/judge_ranking.h"

namespace winnow {
namespace {

std::string number(std::optional<double> value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "null";
}

std::string gain_json(const std::optional<PairedDifference>& gain) {
  if (!gain) return "null";
  return fmt::format(R"({{"difference":{},"low":{},"high":{}}})", number(gain->mean), number(gain->low),
                     number(gain->high));
}

}  // namespace

std::string judgement_json(const RankingJudgement& judgement) {
  std::string notes;
  for (const std::string& note : judgement.notes) {
    if (!notes.empty()) notes += ",";
    notes += json_quoted(note);
  }
  std::string orders;
  for (const JudgedOrder& row : judgement.rows) {
    if (!orders.empty()) orders += ",";
    orders += fmt::format(
        R"({{"segment":{},"head":{},"engine":{},"rows":{},"groups":{},"auc":{},"gauc":{},"logloss":{},"ece":{},)"
        R"("ndcg@10":{},"gain":{}}})",
        json_quoted(row.segment), json_quoted(row.head), json_quoted(row.engine), row.rows, row.groups,
        number(row.auc), number(row.grouped_auc), number(row.log_loss), number(row.calibration_error),
        number(row.ndcg), gain_json(row.gain));
  }
  return fmt::format(R"({{"notes":[{}],"orders":[{}]}})", notes, orders);
}

}  // namespace winnow
