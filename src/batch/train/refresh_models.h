// Between two full trainings: a live version's models, moved on to newer data.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "batch/train/train_models.h"
#include "models/model_set.h"

namespace winnow {

// live_row: for each item of the data the row it has in `live`, or Vocabulary::kNoRow when it is new. ALS
// moves on by one epoch (refresh_als); item-to-item, popularity and spectral vectors, which take seconds, are
// made anew. The graph and two-tower models keep the vectors they have; of new items the graph model knows
// nothing until the next full training, the two-tower model what their features say. Errors: as train_models.
Result<ModelSet> refresh_models(const ModelSet& live, std::span<const std::uint32_t> live_row,
                                const TrainingData& data, const ModelOptions& options,
                                const TrainProgress& progress = {});

}  // namespace winnow
