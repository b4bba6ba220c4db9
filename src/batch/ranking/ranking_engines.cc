#include "batch/ranking/ranking_engines.h"

#include <array>
#include <limits>
#include <utility>

#include "batch/ranking/set_columns.h"
#include "models/ranking/ranker.h"

namespace winnow {
std::vector<RankingEngine> plain_engines(const RankingSet& set) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kEngines = {
      {{"popular", "item.popularity"}, {kBaseline, "source.blend"}}};
  std::vector<RankingEngine> out;
  for (const auto& [name, feature] : kEngines) {
    if (const auto place = place_of(set.features, feature))
      out.push_back({std::string(name), column_of(set.values, set.features.size(), *place), {}});
  }
  return out;
}

Result<RankingEngine> full_engine(std::string name, const RankerModel& model, const RankingSet& set) {
  WINNOW_TRY(const auto ranker, Ranker::open(model));
  WINNOW_TRY(const std::vector<float> features, features_of(set, model.full_features));
  std::vector<float> own(set.rows() * model.heads.size());
  WINNOW_RETURN_IF_ERROR(ranker->full(features, own));
  RankingEngine out{std::move(name), std::vector<float>(set.rows()), {}};
  expected_worth(own, model.worth, out.order);
  out.probabilities.assign(set.labels.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t h = 0; h < set.heads.size(); ++h) {
    const auto place = place_of(model.heads, set.heads[h]);
    for (std::size_t r = 0; place && r < set.rows(); ++r)
      out.probabilities[r * set.heads.size() + h] = own[r * model.heads.size() + *place];
  }
  return out;
}

Result<RankingEngine> light_engine(std::string name, const RankerModel& model, const RankingSet& set) {
  WINNOW_TRY(const auto ranker, Ranker::open(model));
  WINNOW_TRY(const std::vector<float> features, features_of(set, model.light_features));
  RankingEngine out{std::move(name), std::vector<float>(set.rows()), {}};
  WINNOW_RETURN_IF_ERROR(ranker->light(features, out.order));
  return out;
}

}  // namespace winnow
