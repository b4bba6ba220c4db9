#include "batch/ranking/set_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "features/feature_schema.h"

namespace winnow {

std::vector<float> column_of(std::span<const float> matrix, std::size_t width, std::size_t column) {
  std::vector<float> out;
  out.reserve(matrix.size() / width);
  for (std::size_t at = column; at < matrix.size(); at += width) out.push_back(matrix[at]);
  return out;
}

std::optional<std::size_t> place_of(std::span<const std::string> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Result<std::vector<float>> features_of(const RankingSet& set, std::span<const std::string> names) {
  std::vector<std::size_t> places;
  for (const std::string& name : names) {
    const auto place = place_of(set.features, name);
    if (!place) {
      return Error{ErrorCode::invalid,
                   fmt::format("the set has no feature {}: write it anew with winnow training-set", name),
                   name};
    }
    places.push_back(*place);
  }
  std::vector<float> out;
  out.reserve(set.rows() * places.size());
  for (std::size_t r = 0; r < set.rows(); ++r) {
    for (const std::size_t place : places) out.push_back(set.row(r)[place]);
  }
  return out;
}

void fill_missing(RankingSet& set) {
  const std::size_t width = set.features.size();
  for (std::size_t f = 0; f < width; ++f) {
    const auto known = std::ranges::find(feature_definitions(), set.features[f], &FeatureDefinition::name);
    if (known == feature_definitions().end()) continue;
    for (std::size_t at = f; at < set.values.size(); at += width) {
      if (std::isnan(set.values[at])) set.values[at] = known->fallback;
    }
  }
}

}  // namespace winnow
