// RowCollector: closed groups become the rows of a training set, negatives thinned out.
//
// A row without any outcome is kept with the same probability as every other: a hash of its group's time and
// subject, its item and the seed, as a number in [0, 1), lies below the share that is kept. So what a model
// predicts is corrected by one number (RankingSet::negatives_kept; He et al. 2014, Practical Lessons from
// Predicting Clicks on Ads at Facebook, section 6.3), and the choice depends on neither order nor thread.
// Groups of which no row is left are dropped. While rows come in, the share is lowered as soon as it is known
// to end lower, so memory stays near that of the final set.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "batch/impressions/open_groups.h"
#include "batch/impressions/training_set.h"

namespace winnow {

struct ThinningOptions {
  double negatives_kept = 0;  // share of rows without outcome; 0: as many as there are rows with one
  // A group with an outcome is kept whole, one without is kept or dropped as a whole by the same draw, and
  // what is kept of those weighs for what is not: orders within groups stay what they were, and nothing is
  // left to correct.
  bool whole_groups = false;
  std::uint64_t seed = 1;
};

class RowCollector final {
 public:
  RowCollector(std::vector<std::string> features, std::vector<std::string> heads, ThinningOptions options);

  std::uint32_t surface_number(std::string_view name);
  void add(const ImpressionGroup& group);

  std::uint64_t rows_seen() const { return positives_ + negatives_; }
  std::uint64_t positives_seen() const { return positives_; }

  void save(ByteWriter& out) const;
  // Into an empty value with the same names. Damage shows in the reader; corrupt where the set is.
  Status restore(ByteReader& in);

  // The set, with weights of 1.
  TrainingSet finish();

 private:
  double wanted_share() const;
  // item: kNoItem for the group as a whole.
  double draw(const ImpressionGroup& group, ItemIndex item) const;
  void thin(double share);

  ThinningOptions options_;
  TrainingSet set_;
  std::vector<float> draws_;  // rows; of one that is kept anyway below 0
  double share_ = 1;          // what was kept so far
  std::uint64_t positives_ = 0;
  std::uint64_t negatives_ = 0;
  std::uint64_t next_check_;
};

}  // namespace winnow
