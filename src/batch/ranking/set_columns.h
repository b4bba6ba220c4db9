// Columns of ranking sets.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "models/ranking/ranking_set.h"

namespace winnow {

// One column of a row-major matrix.
std::vector<float> column_of(std::span<const float> matrix, std::size_t width, std::size_t column);

// Where a name stands among others.
std::optional<std::size_t> place_of(std::span<const std::string> names, std::string_view name);

// The features of these names, rows x names. invalid where the set lacks one. O(rows x names).
Result<std::vector<float>> features_of(const RankingSet& set, std::span<const std::string> names);

// Missing values of the features of this release (features/feature_schema.h) become their defaults, as in
// serving; those of other features stay missing. O(rows x features).
void fill_missing(RankingSet& set);

}  // namespace winnow
