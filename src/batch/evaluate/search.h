// Search for the parameters of ALS and item-to-item on a validation cut.
//
// One parameter after the other is moved along a short list of values, and stays where NDCG@10 is highest:
// coordinate search, one pass, starting from the values given. So the result is never worse than the start,
// on the cut.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "batch/evaluate/split.h"
#include "batch/train/train_models.h"

namespace winnow {

struct SearchOptions {
  bool als = true;
  bool item_to_item = true;
  bool times_known = false;  // histories have times: how fast they fade can be searched
  std::size_t users = 2000;  // of the cut that NDCG is taken over, evenly spread
};

struct SearchResult {
  ModelOptions options;
  std::map<std::string, double> chosen;  // "als.regularization" -> value, every parameter that was searched
  double als_ndcg = 0;                   // at the end, on the cut
  double item_to_item_ndcg = 0;
};

using SearchProgress = std::function<void(std::string_view parameter)>;

Result<SearchResult> search_parameters(const EvaluationSplit& validation, const ModelOptions& start,
                                       const SearchOptions& options, const SearchProgress& progress = {});

}  // namespace winnow
