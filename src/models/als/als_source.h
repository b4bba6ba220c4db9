// ALS as a candidate source: the user is folded in from the history at request time, then the nearest items
// by inner product are the candidates.
#pragma once

#include <memory>
#include <string_view>

#include "index/vector_index.h"
#include "models/als/als.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

class AlsSource final : public CandidateSource {
 public:
  // All outlive the source. index: of the model's factors, or null for an exact search. decay_per_day: of
  // history weights, as in training.
  AlsSource(const AlsModel& model, const VectorIndex* index, const Vocabulary& vocabulary,
            double decay_per_day)
      : model_(model), index_(index), vocabulary_(vocabulary), decay_per_day_(decay_per_day) {}

  std::string_view name() const override { return "als"; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  const AlsModel& model_;
  const VectorIndex* index_;
  const Vocabulary& vocabulary_;
  double decay_per_day_;
};

}  // namespace winnow
