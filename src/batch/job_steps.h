// The outputs of the job's steps, as they are kept in the work folder.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/result.h"
#include "batch/dataset/dataset.h"
#include "batch/job.h"
#include "batch/train/train_models.h"
#include "models/blend/blend.h"

namespace winnow {

// When the job began: a resumed job makes the version that the first run would have made.
struct Started {
  TimestampMs now_ms = 0;

  std::string encode() const;
  static Result<Started> decode(std::string_view bytes);
};

// What extraction and cleaning leave.
struct Prepared {
  Dataset data;
  ExtractReport extract;
  CleanReport clean;

  std::string encode() const;
  static Result<Prepared> decode(std::string_view bytes);
};

// The models that are judged, and what was chosen on the validation part.
struct Fitted {
  ModelSet models;
  BlendWeights blend;
  double popularity_half_life_days = 0;

  std::string encode() const;
  static Result<Fitted> decode(std::string_view bytes);
};

// Of all that the outputs depend on: two jobs with one fingerprint may use each other's steps.
Hash128 fingerprint(const JobInputs& inputs, const TrainOptions& options);

}  // namespace winnow
