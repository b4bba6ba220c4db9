#include "batch/train/train_models.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace winnow {

namespace {

// One count of work for all models, by how long each takes beside the others.
class Shares final {
 public:
  static constexpr std::size_t kItemToItem = 40;
  static constexpr std::size_t kAls = 60;
  static constexpr std::size_t kSpectral = 60;
  static constexpr std::size_t kGraph = 1000;
  static constexpr std::size_t kTwoTower = 1000;

  Shares(const std::vector<std::string>& extra, const TrainProgress& progress) : progress_(progress) {
    for (const std::string& name : extra) whole_ += name == "spectral" ? kSpectral : kGraph;
  }

  bool stopped() const { return stopped_; }

  // The progress of the next model.
  TrainProgress part(std::size_t share) {
    const std::size_t before = std::exchange(done_before_, done_before_ + share);
    return [this, before, share](std::size_t done, std::size_t total) {
      stopped_ = stopped_ ||
                 (progress_ && !progress_(before + share * done / std::max<std::size_t>(1, total), whole_));
      return !stopped_;
    };
  }

 private:
  const TrainProgress& progress_;
  std::size_t whole_ = kItemToItem + kAls;
  std::size_t done_before_ = 0;
  bool stopped_ = false;
};

Result<TwoTowerModel> two_tower_of(const TrainingData& data, const ModelOptions& options,
                                   const TrainProgress& progress) {
  constexpr std::size_t kSteps = 1000;
  WINNOW_TRY(const std::filesystem::path trainer, find_trainer(options.trainer));
  TrainingSequences sequences = sequences_of(data.pairs, {.seed = options.two_tower.seed});
  sequences.item_features = data.item_features;
  sequences.profiles = data.profiles;
  return train_two_tower(sequences, options.two_tower, trainer, [&](double share, std::string_view) {
    return progress(static_cast<std::size_t>(share * kSteps), kSteps);
  });
}

}  // namespace

Result<ModelSet> train_models(const TrainingData& training, const ModelOptions& options,
                              const TrainProgress& progress) {
  const Interactions& data = training.pairs;
  Shares shares(options.extra, progress);
  const Error stop{ErrorCode::unavailable, "stopped while training: run it again to go on"};

  WINNOW_TRY(auto popularity, train_popularity(data, options.popularity));
  auto item_to_item = train_item_to_item(data, options.item_to_item, shares.part(Shares::kItemToItem));
  if (shares.stopped()) return stop;
  if (!item_to_item.ok()) return item_to_item.error();
  auto als = train_als(data, options.als, shares.part(Shares::kAls));
  if (shares.stopped()) return stop;
  if (!als.ok()) return als.error();
  ModelSet set{std::move(als).value(), std::move(item_to_item).value(), std::move(popularity)};

  // Trains an extra model if it is asked for.
  const auto extra = [&](std::string_view name, auto& model, const auto& train) -> Status {
    if (std::ranges::find(options.extra, name) == options.extra.end()) return {};
    auto trained = train();
    if (shares.stopped()) return stop;
    if (!trained.ok()) return trained.error();
    model = std::move(trained).value();
    return {};
  };
  WINNOW_RETURN_IF_ERROR(extra("spectral", set.spectral, [&] {
    SpectralOptions fitting = options.spectral;
    fitting.dims = std::min(fitting.dims, data.items);  // there are no more vectors than items
    return train_spectral(data, fitting, shares.part(Shares::kSpectral));
  }));
  WINNOW_RETURN_IF_ERROR(extra(
      "graph", set.graph, [&] { return train_graph(data, options.graph, shares.part(Shares::kGraph)); }));
  WINNOW_RETURN_IF_ERROR(extra("two_tower", set.two_tower, [&] {
    return two_tower_of(training, options, shares.part(Shares::kTwoTower));
  }));
  return set;
}

}  // namespace winnow
