#include "validation.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

constexpr int kCutoff = 10;
constexpr std::int64_t kScoresAtOnce = 4 << 20;

// Positions of learned items in a block of scores, so that they can be masked in one go.
torch::Tensor masked_cells(const TrainingSequences& sequences, const Batch& batch, torch::Device device) {
  std::vector<std::int64_t> cells;
  for (std::size_t row = 0; row < batch.users.size(); ++row) {
    for (const TowerAction& action :
         learned_actions(sequences, static_cast<std::uint32_t>(batch.users[row]))) {
      if (action.item == batch.targets[row]) continue;
      cells.push_back(static_cast<std::int64_t>(row) * sequences.items + action.item);
    }
  }
  return on_device(cells, device);
}

}  // namespace

double sum_of_ndcg(const TrainingSequences& sequences, std::span<const std::uint32_t> users,
                   const torch::Tensor& vectors, TwoTowers& towers) {
  const torch::NoGradGuard no_grad;
  const bool was_training = towers->is_training();
  towers->eval();
  const torch::Device device = vectors.device();
  const auto block =
      static_cast<std::size_t>(std::clamp<std::int64_t>(kScoresAtOnce / sequences.items, 1, 512));
  double sum = 0;
  for (std::size_t begin = 0; begin < users.size(); begin += block) {
    const auto part = users.subspan(begin, std::min(block, users.size() - begin));
    const Batch batch = validation_batch(sequences, part, towers->shape().length);
    const BagTensors profiles = bags_of(sequences.profiles, batch.users, device);
    torch::Tensor scores = torch::mm(towers->user_vectors(batch, vectors, profiles), vectors.t());
    scores.view(-1).index_fill_(0, masked_cells(sequences, batch, device), -1e30);
    const torch::Tensor target = scores.gather(1, on_device(batch.targets, device).unsqueeze(1));
    const torch::Tensor better = (scores > target).sum(1).to(torch::kCPU);
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const auto rank = better[row].item<std::int64_t>();
      if (rank < kCutoff) sum += 1 / std::log2(static_cast<double>(rank) + 2);
    }
  }
  if (was_training) towers->train();
  return sum;
}

}  // namespace winnow
