// For how many epochs to learn: until groups that are held out are predicted no better.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "mmoe_data.h"
#include "mmoe_learner.h"

namespace winnow {

// Groups held out by each of several runs (folds), which learn from all others; none where the set is too
// small.
std::vector<std::vector<std::uint32_t>> held_out_parts(std::size_t groups, const MmoeTrainOptions& options);

// The runs learn side by side, an epoch each, and are judged together, so that with folds every group counts.
class EpochSearch final {
 public:
  // data and options outlive it.
  EpochSearch(const MmoeData& data, const MmoeTrainOptions& options,
              std::vector<std::vector<std::uint32_t>> held_out);

  bool done() const;
  // Learns one more epoch and judges it; `each` hears the share of it, and ends it by false: then it is not
  // judged, unless it was the first. Call it while not done().
  void epoch(const StepReport& each);

  std::uint32_t epochs() const { return epochs_; }          // learned so far
  std::uint32_t best_epoch() const { return best_epoch_; }  // 0 before the first
  double loss() const;                                      // of the last epoch's rows
  double held_out_loss() const { return held_out_loss_; }   // the same of held-out rows
  // Of the first run, after its best epoch.
  const MmoeTensors& best() const { return best_; }

  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  void judge();

  const MmoeData& data_;
  const MmoeTrainOptions& options_;
  std::vector<std::vector<std::uint32_t>> held_out_;
  std::vector<MmoeLearner> runs_;
  MmoeTensors best_;
  std::uint32_t epochs_ = 0;
  std::uint32_t best_epoch_ = 0;
  double held_out_loss_ = 0;
  double best_loss_ = 0;
};

}  // namespace winnow
