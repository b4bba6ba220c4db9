#include "batch/train/train_models.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bytes.h"

namespace winnow {

std::string TrainedModels::encode() const {
  ByteWriter out;
  out.string(als.encode());
  out.string(item_to_item.encode());
  out.string(popularity.encode());
  return out.take();
}

Result<TrainedModels> TrainedModels::decode(std::string_view bytes) {
  ByteReader in(bytes);
  const std::string_view als_bytes = in.string();
  const std::string_view item_to_item_bytes = in.string();
  const std::string_view popularity_bytes = in.string();
  if (in.failed() || !in.at_end()) {
    return Error{ErrorCode::corrupt, "the models of a stopped job are damaged: they are made again"};
  }
  WINNOW_TRY(auto als, AlsModel::decode(als_bytes));
  WINNOW_TRY(auto item_to_item, ItemToItemModel::decode(item_to_item_bytes));
  WINNOW_TRY(auto popularity, PopularityModel::decode(popularity_bytes));
  return TrainedModels{std::move(als), std::move(item_to_item), std::move(popularity)};
}

Result<TrainedModels> train_models(const Interactions& data, const ModelOptions& options,
                                   const TrainProgress& progress) {
  // One count of work for all models; ALS is the longest, item-to-item the most uneven.
  bool stopped = false;
  std::size_t done_before = 0;
  const auto part = [&](std::size_t share) -> TrainProgress {
    const std::size_t before = std::exchange(done_before, done_before + share);
    return [&stopped, &progress, before, share](std::size_t done, std::size_t total) {
      constexpr std::size_t kWhole = 100;
      stopped =
          stopped || (progress && !progress(before + share * done / std::max<std::size_t>(1, total), kWhole));
      return !stopped;
    };
  };
  const Error stop{ErrorCode::unavailable, "stopped while training: run it again to go on"};

  WINNOW_TRY(auto popularity, train_popularity(data, options.popularity));
  auto item_to_item = train_item_to_item(data, options.item_to_item, part(40));
  if (stopped) return stop;
  if (!item_to_item.ok()) return item_to_item.error();
  auto als = train_als(data, options.als, part(60));
  if (stopped) return stop;
  if (!als.ok()) return als.error();
  return TrainedModels{std::move(als).value(), std::move(item_to_item).value(), std::move(popularity)};
}

bool all_finite(const TrainedModels& models) {
  const auto finite = [](float value) { return std::isfinite(value); };
  for (std::uint32_t item = 0; item < models.item_to_item.items(); ++item) {
    for (const ScoredRow& neighbour : models.item_to_item.neighbours(item)) {
      if (!finite(neighbour.score)) return false;
    }
  }
  return std::all_of(models.als.factors().begin(), models.als.factors().end(), finite) &&
         std::all_of(models.popularity.scores().begin(), models.popularity.scores().end(), finite);
}

}  // namespace winnow
