#include "models/graph/gf_cf.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "models/graph/spectral.h"

namespace winnow {

GfCfModel::GfCfModel(ItemToItemModel linear, ItemVectorsModel smooth, float smooth_weight)
    : linear_(std::move(linear)), smooth_(std::move(smooth)), smooth_weight_(smooth_weight) {
  WINNOW_CHECK(linear_.items() == smooth_.items());
}

void GfCfModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                          std::span<float> scores) const {
  low_pass(smooth_, smooth_weight_, histories, scores);
  for (std::size_t u = 0; u < histories.size(); ++u)
    linear_.add_scores(histories[u], scores.subspan(u * items(), items()));
}

Result<GfCfModel> train_gf_cf(const Interactions& data, const GfCfOptions& options,
                              const TrainProgress& progress) {
  if (!(options.smooth_weight >= 0 && options.smooth_weight <= 100)) {
    return Error{
        ErrorCode::invalid,
        "gf_cf.smooth_weight is " + std::to_string(options.smooth_weight) + "; give a number from 0 to 100",
        "gf_cf.smooth_weight"};
  }
  WINNOW_TRY(ItemToItemModel linear,
             train_item_to_item(data, {.neighbours = options.neighbours,
                                       .popularity_exponent = 0.5f,
                                       .user_exponent = 1,
                                       .history_half_life_days = options.history_half_life_days}));
  WINNOW_TRY(ItemVectorsModel smooth,
             train_spectral(data,
                            {.dims = options.dims,
                             .iterations = options.iterations,
                             .history_half_life_days = options.history_half_life_days,
                             .seed = options.seed},
                            progress));
  return GfCfModel(std::move(linear), std::move(smooth), options.smooth_weight);
}

}  // namespace winnow
