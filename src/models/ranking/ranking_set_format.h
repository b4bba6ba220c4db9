// A RankingSet as bytes: how winnow hands one to winnow-trainer. Format: docs/formats/ranking-set.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// O(bytes); a float takes four.
std::string encode_ranking_set(const RankingSet& set);

// corrupt, also for a set that fails its check; unsupported.
Result<RankingSet> decode_ranking_set(std::string_view bytes);

}  // namespace winnow
