// Search for a model's parameters on a validation cut.
//
// One parameter after the other is moved along a short list of values, and stays where NDCG is highest:
// coordinate search, one pass, starting from the values given. So the result is never worse than the start,
// on the cut.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "base/result.h"
#include "batch/evaluate/model_table.h"

namespace winnow {

struct SearchLimits {
  std::size_t cutoff = 10;   // the k of NDCG@k
  std::size_t users = 2000;  // of the cut that NDCG is taken over, evenly spread
  // No further value is tried once this much time has passed, or would have by the measure of the slowest
  // training so far. The start is always measured.
  double budget_s = std::numeric_limits<double>::infinity();
};

struct SearchResult {
  Parameters parameters;
  Parameters chosen;     // of them, those that were searched
  double ndcg = 0;       // on the cut
  TrainedModel model;    // trained with them on the cut
  bool complete = true;  // false: the budget ended the search
};

// input.split: the cut. A value that the model refuses is passed over; the start's errors are returned.
Result<SearchResult> search_parameters(const ModelRow& row, const TrainingInput& input,
                                       const Parameters& start, const SearchLimits& options);

}  // namespace winnow
