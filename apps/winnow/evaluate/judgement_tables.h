// A judgement of rankers (batch/ranking/judge_ranking.h) as people read it.
#pragma once

#include <string>

#include "batch/ranking/judge_ranking.h"
#include "winnow/terminal/terminal.h"

namespace winnow {

// Two tables: the orders of all engines by segment, with what `engine` gains over the blend; and what is
// predicted, head by head. Its notes follow, a line each.
std::string judgement_tables(const Terminal& terminal, const RankingJudgement& judgement,
                             const std::string& engine);

}  // namespace winnow
