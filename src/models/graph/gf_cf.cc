#include "models/graph/gf_cf.h"

#include <utility>

#include "base/check.h"
#include "models/graph/spectral.h"
#include "models/option_range.h"

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
  WINNOW_RETURN_IF_ERROR(in_range("gf_cf.smooth_weight", options.smooth_weight, 0, 100));
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
