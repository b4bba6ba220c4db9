#include "batch/train/refresh_models.h"

#include <algorithm>
#include <utility>

namespace winnow {

Result<ModelSet> refresh_models(const ModelSet& live, std::span<const std::uint32_t> live_row,
                                const TrainingData& training, const ModelOptions& options,
                                const TrainProgress& progress) {
  const Interactions& data = training.pairs;
  bool stopped = false;
  const TrainProgress watched = [&](std::size_t done, std::size_t total) {
    stopped = stopped || (progress && !progress(done, total));
    return !stopped;
  };
  const Error stop{ErrorCode::unavailable, "stopped while refreshing: run it again"};

  WINNOW_TRY(auto popularity, train_popularity(data, options.popularity));
  auto item_to_item = train_item_to_item(data, options.item_to_item, watched);
  if (stopped) return stop;
  if (!item_to_item.ok()) return item_to_item.error();
  auto als = refresh_als(live.als, live_row, data, 1, watched);
  if (stopped) return stop;
  if (!als.ok()) return als.error();
  ModelSet set{std::move(als).value(), std::move(item_to_item).value(), std::move(popularity)};
  if (live.spectral) {
    SpectralOptions fitting = options.spectral;
    fitting.dims = std::min(live.spectral->dims(), data.items);
    WINNOW_TRY(set.spectral, train_spectral(data, fitting, watched));
    if (stopped) return stop;
  }
  if (live.graph) set.graph = live.graph->with_items(live_row);
  if (live.two_tower) set.two_tower = live.two_tower->with_items(live_row, training.item_features);
  return set;
}

}  // namespace winnow
