#include "epoch_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/check.h"

namespace winnow {
namespace {

using torch::Tensor;

constexpr std::size_t kFewGroups = 10;     // nothing is held out of fewer
constexpr std::size_t kManyGroups = 2000;  // one run suffices
constexpr std::uint32_t kFoldsOfFew = 4;

std::uint32_t folds_of(std::size_t groups, const MmoeTrainOptions& options) {
  if (groups < std::max<std::size_t>(kFewGroups, 2 * std::size_t{options.folds})) return 0;
  if (options.folds > 0) return options.folds;
  return groups < kManyGroups ? kFoldsOfFew : 1;
}

std::vector<std::uint32_t> all_but(std::size_t groups, std::vector<std::uint32_t> without) {
  std::ranges::sort(without);
  std::vector<std::uint32_t> out;
  for (std::uint32_t group = 0; group < groups; ++group) {
    if (!std::ranges::binary_search(without, group)) out.push_back(group);
  }
  return out;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> held_out_parts(std::size_t groups, const MmoeTrainOptions& options) {
  std::vector<std::uint32_t> order(groups);
  std::iota(order.begin(), order.end(), 0u);
  Random random(options.seed);
  random.shuffle(order);
  const std::uint32_t folds = folds_of(groups, options);
  if (folds == 1) {
    order.resize(static_cast<std::size_t>(std::ceil(options.held_out_share * static_cast<double>(groups))));
    return {order};
  }
  std::vector<std::vector<std::uint32_t>> out(folds);
  for (std::size_t k = 0; k < groups && folds > 0; ++k) out[k % folds].push_back(order[k]);
  return out;
}

EpochSearch::EpochSearch(const MmoeData& data, const MmoeTrainOptions& options,
                         std::vector<std::vector<std::uint32_t>> held_out)
    : data_(data), options_(options), held_out_(std::move(held_out)) {
  WINNOW_CHECK(!held_out_.empty());
  for (const auto& part : held_out_) runs_.emplace_back(data, options, all_but(data.group_count(), part));
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
  Tensor epochs, losses;
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
