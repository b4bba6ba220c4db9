// What is learned, and how one step changes it: the towers, the table of id embeddings, their optimisers.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <vector>

#include "negatives.h"
#include "options.h"
#include "row_adam.h"
#include "softmax.h"
#include "step_table.h"
#include "tower.h"
#include "workers.h"

namespace winnow {

// All parameters at one moment, as tensors of their own.
struct Snapshot {
  std::vector<torch::Tensor> towers;
  torch::Tensor ids;
};

class Learner final {
 public:
  Learner(const TrainingSequences& sequences, const TrainerOptions& options, const TwoTowerShape& shape,
          torch::Device device, Workers& workers);

  struct StepLoss {
    double sum = 0;  // over this worker's positions
    std::size_t positions = 0;
  };
  // Forgets what one step hands to the next, so that an epoch does not depend on the one before it.
  void begin_epoch() { recent_ = torch::Tensor(); }
  // The learning rate, as a share of the options'.
  void set_rate_share(double share) { rate_share_ = share; }
  // Learns from `users`, of whom each worker takes its share. random: the same at all workers.
  StepLoss step(std::span<const std::uint32_t> users, Random& random);

  TwoTowers& towers() { return towers_; }
  // items x dims, both parts of the item tower together. An item that was never learned from keeps nothing of
  // its untrained id where its features say something.
  torch::Tensor item_vectors();

  Snapshot snapshot() const;
  void restore(const Snapshot& snapshot);
  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  bool full() const { return negatives_ == nullptr; }
  Negatives choose_negatives(Random& random);
  torch::Tensor vectors_of(const torch::Tensor& ids, const torch::Tensor& kept,
                           std::span<const std::int64_t> items);
  void apply_gradients(const StepTable& table, const torch::Tensor& ids);

  const TrainingSequences& sequences_;
  const TrainerOptions& options_;
  torch::Device device_;
  Workers& workers_;
  TwoTowers towers_;
  std::optional<RowAdam> ids_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::unique_ptr<NegativeSampler> negatives_;  // null with the full softmax
  torch::Tensor recent_;                        // some users' vectors of the step before
  torch::Tensor learned_;                       // items x 1: 1 where training sees the item
  std::int64_t steps_ = 0;
  double rate_share_ = 1;
};

}  // namespace winnow
