// Ranking sets as files: Parquet where the name ends in .parquet, in any case, and else winnow's own format
// (docs/formats/ranking-set.md).
#pragma once

#include <filesystem>

#include "base/result.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// unsupported where this build cannot read or write files of that name.
Status check_set_name(const std::filesystem::path& file);

// Errors name the file.
Result<RankingSet> read_set_file(const std::filesystem::path& file);

// Whole or not at all.
Status write_set_file(const RankingSet& set, const std::filesystem::path& file);

}  // namespace winnow
