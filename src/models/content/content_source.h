// Content as a candidate source: items that are described like what the user liked, new ones included.
#pragma once

#include <memory>
#include <string_view>

#include "models/content/content.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

class ContentSource final : public CandidateSource {
 public:
  // Both outlive the source. The vocabulary is the content model's own: it may hold more items than the
  // trained models', since a description is all that an item needs. decay_per_day: of history weights.
  ContentSource(const ContentModel& model, const Vocabulary& vocabulary, double decay_per_day)
      : model_(model), vocabulary_(vocabulary), decay_per_day_(decay_per_day) {}

  std::string_view name() const override { return "content"; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  const ContentModel& model_;
  const Vocabulary& vocabulary_;
  double decay_per_day_;
};

}  // namespace winnow
