// Content as a candidate source: items that are described like what the user liked, new ones included.
#pragma once

#include <string_view>

#include "base/object_pool.h"
#include "base/published.h"
#include "models/content/content_index.h"
#include "models/vocabulary.h"
#include "stages/candidate_source.h"

namespace winnow {

class ContentSource final : public CandidateSource {
 public:
  // A user with this many items that trained models know needs content for other items only.
  static constexpr std::size_t kEnoughLearned = 3;

  // What is looked at of a history: the terms of more would cost a request more than they tell.
  static constexpr std::size_t kNewest = 20;

  // Both outlive the source. index: of the catalogue's items by ItemIndex; nothing published yet is no
  // opinion. learned: what the trained models know. decay_per_day: of history weights. share: of an answer's
  // places, kept for this source; where that is none, a user whose taste is learned is not searched for.
  ContentSource(const Published<ContentIndex>& index, const Vocabulary& learned, double decay_per_day,
                double share)
      : index_(index), learned_(learned), decay_per_day_(decay_per_day), share_(share) {}

  std::string_view name() const override { return "content"; }
  Result<std::unique_ptr<PreparedSource>> prepare(const RequestContext& context) const override;

 private:
  // Whether trained models know enough of what the user liked.
  bool knows_taste(const UserContext& user) const;

  const Published<ContentIndex>& index_;
  const Vocabulary& learned_;
  double decay_per_day_;
  double share_;
  mutable ObjectPool<SparseScores> pool_;
};

}  // namespace winnow
