// A RankingSet as a Parquet file, for other tools to make and to read.
//
// Columns: group (int64), time (timestamp in ms, UTC), weight (float), label:HEAD (float, in [0, 1]) for
// every head, and every other numeric column is a feature (float). Null is a missing value or an unknown
// label. The rows of a group lie together. What was kept of the rows without outcome stands in the file's
// metadata as "winnow.negatives_kept". Format: docs/formats/ranking-set.md.
//
// Where this build has no Arrow, all of it is unsupported, and the error says what to run.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// Whether this build reads and writes Parquet.
bool has_parquet();

// Whole or not at all. invalid where the set fails its check, or a feature has the name of another column.
// Memory: 64 Ki rows beside the set.
Status write_parquet(const RankingSet& set, const std::filesystem::path& path);

// time and weight may be missing: 0 and 1. Groups are numbered anew; one without rows does not come back.
// Errors: not_found, invalid with the column's name, and those of RankingSet::check.
Result<RankingSet> read_parquet(const std::filesystem::path& path);

}  // namespace winnow
