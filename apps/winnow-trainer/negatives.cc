#include "negatives.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

constexpr std::uint32_t kPoolFactor = 4;  // pool items for each negative, where some are chosen as hard

}  // namespace

NegativeSampler::NegativeSampler(const TrainingSequences& sequences, const NegativeOptions& options)
    : options_(options), until_(sequences.items) {
  for (const TowerAction& action : sequences.actions) ++until_[action.item];
  double sum = 0;
  for (double& value : until_) value = sum += value / static_cast<double>(sequences.actions.size());
  until_.back() = 1;
}

double NegativeSampler::probability(std::int64_t item) const {
  const auto at = static_cast<std::size_t>(item);
  const double popularity = until_[at] - (at == 0 ? 0 : until_[at - 1]);
  return 0.5 * popularity + 0.5 / static_cast<double>(until_.size());
}

NegativePool NegativeSampler::draw(Random& random) const {
  const std::uint32_t size = options_.count * (options_.hard_share > 0 ? kPoolFactor : 1);
  NegativePool pool;
  for (std::uint32_t k = 0; k < size; ++k) {
    const bool uniform = random.uniform() < 0.5;
    const std::int64_t item = uniform ? random.below(static_cast<std::uint32_t>(until_.size()))
                                      : std::ranges::upper_bound(until_, random.uniform()) - until_.begin();
    pool.items.push_back(std::min<std::int64_t>(item, static_cast<std::int64_t>(until_.size()) - 1));
    pool.log_weights.push_back(static_cast<float>(-std::log(size * probability(pool.items.back()))));
  }
  return pool;
}

Negatives NegativeSampler::choose(const NegativePool& pool, const torch::Tensor& pool_vectors,
                                  const torch::Tensor& recent) const {
  const auto size = static_cast<std::int64_t>(pool.items.size());
  const auto count = std::min<std::int64_t>(options_.count, size);
  const torch::Tensor items = torch::tensor(pool.items).to(pool_vectors.device());
  const torch::Tensor weights = torch::tensor(pool.log_weights).to(pool_vectors.device());
  const auto hard = recent.defined() ? static_cast<std::int64_t>(options_.hard_share * count) : 0;
  const auto rest = count - hard;
  // What is left of the pool is in random order; its first ones stand for all of it.
  const double rest_log_weight = std::log(static_cast<double>(size - hard) / static_cast<double>(rest));
  if (hard == 0) {
    return {items.slice(0, 0, rest), weights.slice(0, 0, rest) + rest_log_weight};
  }
  const torch::Tensor scores = torch::mm(recent, pool_vectors.t()).amax(0);
  const torch::Tensor chosen = std::get<1>(scores.topk(hard));
  const torch::Tensor left = torch::ones({size}, torch::kBool).to(items.device()).index_fill_(0, chosen, 0);
  const torch::Tensor others = left.nonzero().squeeze(1).slice(0, 0, rest);
  return {torch::cat({items.index_select(0, chosen), items.index_select(0, others)}),
          torch::cat({weights.index_select(0, chosen), weights.index_select(0, others) + rest_log_weight})};
}

}  // namespace winnow
