// The census-income data (KDD, UCI) as ranking sets: a row is a person, the heads are income above 50,000 and
// never married.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

inline constexpr std::array<std::string_view, 2> kCensusTasks = {"income", "never_married"};

// Rows are divided by a hash of what they say, always alike: a quarter is the test part. For choices, an
// eighth of the others is a validation part.
enum class CensusCut : std::uint8_t { test, validation };

struct CensusSets {
  RankingSet train;
  RankingSet judged;
};

// path: the rows, one a line, 42 columns divided by ", ". Marital status is no feature, nor are the two
// columns on the household that spell it out, nor the sample's weight. Numbers enter as log(1 + x),
// categories one-hot: those of at least 20 rows of the training part.
Result<CensusSets> read_census(const std::filesystem::path& path, CensusCut cut);

// With one of its heads alone.
RankingSet with_head(const RankingSet& set, std::size_t head);

}  // namespace winnow
