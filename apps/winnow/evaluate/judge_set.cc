#include "winnow/evaluate/judge_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "batch/ranking/ranking_engines.h"
#include "batch/ranking/set_columns.h"
#include "registry/model_registry.h"
#include "winnow/evaluate/set_file.h"
#include "winnow/store/layout.h"

namespace winnow {
namespace {

Result<std::shared_ptr<const ModelBundle>> live_with_ranker(const std::filesystem::path& data) {
  const Error none{
      ErrorCode::not_found,
      fmt::format("{} has no live version with a ranker: run winnow train --ranker", data.string())};
  const StoreLayout layout{data};
  if (!std::filesystem::exists(layout.models())) return none;
  WINNOW_TRY(const ModelRegistry registry, ModelRegistry::open(layout.models()));
  WINNOW_TRY(const auto live, registry.live());
  if (!live) return none;
  WINNOW_TRY(auto bundle, registry.load(*live));
  if (!bundle->ranker) return none;
  return bundle;
}

}  // namespace

Result<RankingJudgement> judge_set(const std::filesystem::path& file, const std::filesystem::path& data,
                                   const Settings& settings) {
  WINNOW_TRY(RankingSet set, read_set_file(file));
  fill_missing(set);
  WINNOW_TRY(const auto bundle, live_with_ranker(data));
  const RankerModel& ranker = *bundle->ranker;
  std::vector<RankingEngine> engines = plain_engines(set);
  if (ranker.light) {
    WINNOW_TRY(RankingEngine light, light_engine("light", ranker, set));
    engines.push_back(std::move(light));
  }
  WINNOW_TRY(RankingEngine full, full_engine("full", ranker, set));
  engines.push_back(std::move(full));
  return judge_ranking(set, worths(set.heads, settings.train.ranker.worth), engines, settings.train.seed);
}

}  // namespace winnow
