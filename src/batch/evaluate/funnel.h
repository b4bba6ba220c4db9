// The whole path of a request behind its sources, as an evaluation measures it: blend, light ranker, full
// ranker. The rankers are learned on the validation cut.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "batch/evaluate/data.h"
#include "batch/evaluate/rankings.h"
#include "batch/ranking/examples.h"
#include "batch/ranking/train_ranker.h"
#include "models/ranking/ranker.h"

namespace winnow {

class Funnel final {
 public:
  // sources: trained on what the validation cut leaves. Errors: those of train_ranker.
  static Result<Funnel> learn(const EvaluationData& data, const NamedBlend& sources,
                              const RankerOptions& options, const RankerProgress& progress = {});

  const RankerReport& report() const { return report_; }

  // The rankers beside the blend and popularity on the candidates of at most kJudgedUsers users with a test
  // set, evenly spread, by head and segment. sources: as in rank_users.
  Result<RankingJudgement> judge(const EvaluationData& data, const NamedBlend& sources,
                                 std::uint64_t seed) const;
  static constexpr std::size_t kJudgedUsers = 1000;

  // Calls `each` for every user with a test set, in order, with the best `length` of the candidates that
  // `sources`, trained on the whole training part, propose. full: candidates that the full ranker sees; 0:
  // the light one alone ranks. Returns the mean microseconds that the rankers took for a user, features
  // included.
  Result<double> rank_users(const EvaluationData& data, const NamedBlend& sources, std::size_t full,
                            std::size_t length, const EachRanking& each) const;

 private:
  Funnel(TrainedRanker trained, std::shared_ptr<const Ranker> ranker, const ReplayOptions& replay)
      : model_(std::move(trained.model)),
        report_(std::move(trained.report)),
        ranker_(std::move(ranker)),
        replay_(replay) {}

  RankerModel model_;
  RankerReport report_;
  std::shared_ptr<const Ranker> ranker_;  // of the model
  ReplayOptions replay_;
};

}  // namespace winnow
