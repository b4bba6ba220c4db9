// The two-tower model as a candidate source: the user tower runs on the freshest history at request time,
// then the nearest items by inner product are the candidates.
#pragma once

#include <memory>
#include <string_view>

#include "models/two_tower/two_tower.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

class TwoTowerSource final : public CandidateSource {
 public:
  // Both outlive the source.
  TwoTowerSource(const TwoTowerModel& model, const Vocabulary& vocabulary)
      : model_(model), vocabulary_(vocabulary) {}

  std::string_view name() const override { return "two_tower"; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  const TwoTowerModel& model_;
  const Vocabulary& vocabulary_;
};

// What the tower reads of a user's history: what speaks for an item, each item once at its newest such
// action, oldest first. An item whose newest judgement is negative is left out, and so are items that the
// model does not know. O(history).
std::vector<TowerAction> tower_actions(const UserContext& user, const Vocabulary& vocabulary);

}  // namespace winnow
