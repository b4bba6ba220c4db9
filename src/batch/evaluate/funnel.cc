#include "batch/evaluate/funnel.h"

#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "batch/ranking/ranking_engines.h"
#include "math/top_k.h"
#include "models/ranking/cascade.h"

namespace winnow {

Result<Funnel> Funnel::learn(const EvaluationData& data, const NamedBlend& sources,
                             const RankerOptions& options, const RankerProgress& progress) {
  const DividedEvents training = divide_events(data.moments, data.users, data.from);
  const DividedEvents cut = divide_events(training.known, data.users, data.from);
  const Past past = Past::of(cut, data.validation, data.traits, options.replay);
  const RankingSet examples = ranking_examples(sources, data.validation, past, {.seed = options.seed});
  WINNOW_TRY(TrainedRanker trained, train_ranker(examples, options, nullptr, progress));
  WINNOW_TRY(auto ranker, Ranker::open(trained.model));
  return Funnel(std::move(trained), std::move(ranker), options.replay);
}

Result<RankingJudgement> Funnel::judge(const EvaluationData& data, const NamedBlend& sources,
                                       std::uint64_t seed) const {
  const DividedEvents divided = divide_events(data.moments, data.users, data.from);
  const Past past = Past::of(divided, data.test, data.traits, replay_);
  const ExampleOptions all_candidates{
      .users = kJudgedUsers, .candidates = std::numeric_limits<std::size_t>::max(), .seed = seed};
  const RankingSet set = ranking_examples(sources, data.test, past, all_candidates);
  std::vector<RankingEngine> engines = plain_engines(set);
  if (ranker_->has_light()) {
    WINNOW_TRY(RankingEngine light, light_engine("light", model_, set));
    engines.push_back(std::move(light));
  }
  WINNOW_TRY(RankingEngine full, full_engine("full", model_, set));
  engines.push_back(std::move(full));
  return judge_ranking(set, model_.worth, engines, seed);
}

Result<double> Funnel::rank_users(const EvaluationData& data, const NamedBlend& sources, std::size_t full,
                                  std::size_t length, const EachRanking& each) const {
  const DividedEvents divided = divide_events(data.moments, data.users, data.from);
  const Past past = Past::of(divided, data.test, data.traits, replay_);
  Status status;
  double total_us = 0;
  std::size_t users = 0;
  const auto rank = [&](std::uint32_t user, const BlendCandidates& candidates) {
    if (!status.ok()) return;
    std::vector<float> scores = blended_scores(sources, candidates);
    const std::vector<float> blended = scores;
    const RankingMoment moment{user, past.later.at(user).front().time_ms, candidates, sources.names, blended};
    const MomentFrame at(past.state, moment);
    RequestTrace trace;
    if (full == 0 && ranker_->has_light()) {
      const auto timer = trace.stage("light");
      std::vector<std::uint32_t> rows(scores.size());
      std::iota(rows.begin(), rows.end(), 0u);
      status = ranker_->light(at.frame(), rows, scores);
    } else {
      status = cascade(at.frame(), *ranker_, {ranker_->worth()}, full, trace, scores);
    }
    for (const RequestTrace::Entry& entry : trace.entries()) total_us += entry.us;
    ++users;
    std::vector<std::uint32_t> list;
    for (const ScoredRow& best : top_k(scores, length)) list.push_back(candidates.items[best.item]);
    each(user, list);
  };
  for_each_candidates(sources.models.sources, data.test, std::numeric_limits<std::size_t>::max(), rank);
  if (!status.ok()) return status.error();
  return users == 0 ? 0 : total_us / static_cast<double>(users);
}

}  // namespace winnow
