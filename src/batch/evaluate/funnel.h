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

  // Calls `each` for every user with a test set, in order, with the best `length` of the candidates that
  // `sources`, trained on the whole training part, propose. full: candidates that the full ranker sees; 0:
  // the light one alone ranks.
  Status rank_users(const EvaluationData& data, const NamedBlend& sources, std::size_t full,
                    std::size_t length, const EachRanking& each) const;

 private:
  Funnel(std::shared_ptr<const Ranker> ranker, RankerReport report, const ReplayOptions& replay)
      : ranker_(std::move(ranker)), report_(std::move(report)), replay_(replay) {}

  std::shared_ptr<const Ranker> ranker_;
  RankerReport report_;
  ReplayOptions replay_;
};

}  // namespace winnow
