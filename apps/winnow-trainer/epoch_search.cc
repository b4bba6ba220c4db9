#include "epoch_search.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "models/ranking/held_out_groups.h"

namespace winnow {

EpochSearch::EpochSearch(const MmoeData& data, const MmoeTrainOptions& options,
                         std::vector<std::vector<std::uint32_t>> held_out)
    : data_(data), options_(options), held_out_(std::move(held_out)) {
  WINNOW_CHECK(!held_out_.empty());
  for (const auto& part : held_out_)
    runs_.emplace_back(data, options, groups_without(data.group_count(), part));
  best_ = runs_[0].averaged().clone();
}

bool EpochSearch::done() const {
  return epochs_ >= options_.epochs || epochs_ >= best_epoch_ + options_.patience;
}

void EpochSearch::epoch(const StepReport& each) {
  bool ended = false;
  for (std::size_t k = 0; k < runs_.size() && !ended; ++k) {
    runs_[k].epoch(epochs_, [&](double share) {
      ended = !each((static_cast<double>(k) + share) / static_cast<double>(runs_.size()));
      return !ended;
    });
  }
  if (ended && best_epoch_ > 0) return;
  ++epochs_;
  judge();
}

void EpochSearch::judge() {
  double sum = 0;
  std::size_t rows = 0;
  for (std::size_t k = 0; k < runs_.size(); ++k) {
    sum += loss_of_groups(data_, options_, held_out_[k], runs_[k].averaged());
    for (const std::uint32_t group : held_out_[k]) rows += data_.groups[group + 1] - data_.groups[group];
  }
  held_out_loss_ = sum / static_cast<double>(std::max<std::size_t>(rows, 1));
  if (best_epoch_ > 0 && !(held_out_loss_ < best_loss_)) return;
  best_loss_ = held_out_loss_;
  best_epoch_ = epochs_;
  best_ = runs_[0].averaged().clone();
}

double EpochSearch::loss() const {
  double sum = 0;
  for (const MmoeLearner& run : runs_) sum += run.loss();
  return sum / static_cast<double>(runs_.size());
}

void EpochSearch::save(torch::serialize::OutputArchive& archive) const {
  for (std::size_t k = 0; k < runs_.size(); ++k) {
    torch::serialize::OutputArchive run;
    runs_[k].save(run);
    archive.write("run" + std::to_string(k), run);
  }
  torch::serialize::OutputArchive best;
  best_.save(best);
  archive.write("best", best);
  archive.write("epochs", torch::tensor({std::int64_t{epochs_}, std::int64_t{best_epoch_}}));
  archive.write("losses", torch::tensor({held_out_loss_, best_loss_}, torch::kDouble));
}

void EpochSearch::load(torch::serialize::InputArchive& archive) {
  for (std::size_t k = 0; k < runs_.size(); ++k) {
    torch::serialize::InputArchive run;
    archive.read("run" + std::to_string(k), run);
    runs_[k].load(run);
  }
  torch::serialize::InputArchive best;
  torch::Tensor epochs, losses;
  archive.read("best", best);
  archive.read("epochs", epochs);
  archive.read("losses", losses);
  best_.load(best);
  epochs_ = static_cast<std::uint32_t>(epochs[0].item<std::int64_t>());
  best_epoch_ = static_cast<std::uint32_t>(epochs[1].item<std::int64_t>());
  held_out_loss_ = losses[0].item<double>();
  best_loss_ = losses[1].item<double>();
}

}  // namespace winnow
