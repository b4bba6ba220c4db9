// Learns the parameters of one mixture of experts, epoch by epoch.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "mmoe_data.h"

namespace winnow {

// The share of an epoch that is done; false ends it.
using StepReport = std::function<bool(double share)>;

class MmoeLearner final {
 public:
  // Learns from `groups` of the data. data and options outlive it. Begins at random by the options' seed.
  MmoeLearner(const MmoeData& data, const MmoeTrainOptions& options, std::vector<std::uint32_t> groups);

  // AdamW over all batches once; small sets several times, for at least 50 steps. `each` hears the share of
  // the epoch that is done after every step, and ends it by false. The number of the epoch seeds it: it is
  // the same after a checkpoint.
  void epoch(std::uint32_t number, const StepReport& each);
  double loss() const { return loss_; }  // mean of the last epoch's rows

  // The mean of the parameters over about the last epoch of steps (Polyak and Juditsky 1992): what the model
  // is, and what is judged.
  const MmoeTensors& averaged() const { return averaged_; }

  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  std::vector<RowBatch> batches(Random& random) const;
  double step(const RowBatch& batch);
  void average(std::size_t epoch_steps);

  const MmoeData& data_;
  const MmoeTrainOptions& options_;
  std::vector<std::uint32_t> groups_;
  MmoeTensors tensors_;
  MmoeTensors averaged_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::int64_t steps_ = 0;
  double loss_ = 0;
};

// The loss of the groups' rows, summed: how rows are predicted that were not learned from.
double loss_of_groups(const MmoeData& data, const MmoeTrainOptions& options,
                      std::span<const std::uint32_t> groups, const MmoeTensors& tensors);

}  // namespace winnow
