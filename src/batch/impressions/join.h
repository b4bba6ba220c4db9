// Join: one pass over a stream of events that makes the rows of a training set. Private to build.cc.
//
// A join that is stopped goes on from its last checkpoint and ends in the same bytes: the store of states
// keeps the users as of a record, and beside them all else that the join knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "batch/impressions/build.h"
#include "batch/impressions/event_stream.h"
#include "batch/impressions/look_ahead.h"
#include "batch/impressions/open_groups.h"
#include "batch/impressions/popular_sampler.h"
#include "batch/progress.h"

namespace winnow {

class Join final {
 public:
  // identity: of everything that the result depends on; a checkpoint of another is not gone on from. The
  // others outlive the join.
  Join(const TrainingSetInputs& inputs, const TrainingSetOptions& options, const Heads& heads,
       StateReplay& replay, const LogScan& scan, bool implicit, std::uint64_t identity);

  // From the checkpoint that inputs.states holds, if there is one of this join; else it is emptied. The
  // stream is at its start.
  Status run(EventStream& stream, const JobProgress& progress);
  TrainingSetResult finish();

 private:
  Result<bool> resume(EventStream& stream, LookAhead& ahead);
  Status checkpoint(const LookAhead& ahead);
  void closed(const ImpressionGroup& group);
  Status open_shown(const ShownGroup& shown, LogPosition position);
  Status open_liked(const LogRecord& record);
  Status open(const ShownGroup& shown, LogPosition position);
  bool drawn(std::string_view recommendation_id) const;
  Result<std::optional<ServedImpression>> served_as(const ShownGroup& shown) const;
  Status apply(const LogRecord& record);
  bool speaks_for(const Event& event, const ItemAttributes& attributes) const;

  const TrainingSetInputs& inputs_;
  const TrainingSetOptions& options_;
  StateReplay& replay_;
  const TimestampMs first_ms_;
  const TimestampMs newest_ms_;
  const bool implicit_;
  const std::uint64_t identity_;
  const Heads& heads_;
  const std::uint64_t schema_;
  PositionBias bias_;
  RowCollector collector_;
  OpenGroups groups_;
  PopularSampler sampler_;
  TrainingSetReport report_;
  double next_checkpoint_s_ = 0;
};

// The head whose labels say that an item was looked at: "click" where there is one, else the first.
std::size_t click_head(const Heads& heads);

}  // namespace winnow
