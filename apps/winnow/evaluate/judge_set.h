// A ranking set that was written by `winnow training-set`, judged by the ranker of the live version.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "batch/ranking/judge_ranking.h"
#include "winnow/settings/settings.h"

namespace winnow {

// data: the store whose live version judges. Popularity and the blend as the set has them, the light ranker
// and the full one ("full"). Errors: those of the file and the registry; not_found where no version with a
// ranker is live; invalid where the set lacks one of its features.
Result<RankingJudgement> judge_set(const std::filesystem::path& file, const std::filesystem::path& data,
                                   const Settings& settings);

}  // namespace winnow
