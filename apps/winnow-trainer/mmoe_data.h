// A RankingSet as tensors: standardised features, and what each row's labels weigh in the loss.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "mmoe_tensors.h"
#include "models/ranking/ranking_set.h"
#include "models/ranking/train_mmoe.h"

namespace winnow {

struct MmoeData {
  torch::Tensor features;  // rows x inputs
  torch::Tensor labels;    // heads x rows; 0 where unknown
  torch::Tensor
      weights;  // heads x rows; 0 where unknown, else the row's times the head's; mean 1 x the head's
  // rows: what the listwise head's softmax is to be, times what makes both kinds of loss pull alike.
  // Undefined without such a loss.
  torch::Tensor targets;
  std::vector<double> base_rates;  // heads
  MmoeShape shape;
  Standardisation transform;
  std::vector<std::uint64_t> groups;  // as in the set

  std::size_t rows() const { return static_cast<std::size_t>(features.size(0)); }
  std::size_t group_count() const { return groups.size() - 1; }
};

// options fit the set. O(rows x (features + heads)).
MmoeData mmoe_data(const RankingSet& set, const MmoeTrainOptions& options);

// `count` rows of the set, chosen at random, missing values filled: what a model keeps as its sample.
std::vector<float> sample_rows(const RankingSet& set, const Standardisation& transform, std::size_t count,
                               Random& random);

// Rows that are learned from, or judged, at once.
struct RowBatch {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> segments;  // rows: the number of its group within the batch, ascending
  std::int64_t segment_count = 0;
};

// Whole groups, in the order given, in batches of about batch_rows rows; a larger group is a batch of its
// own.
std::vector<RowBatch> batches_of_groups(const MmoeData& data, std::span<const std::uint32_t> groups,
                                        std::size_t batch_rows);

// All rows of the groups in random order: groups are divided, and batches more alike. Without segments.
std::vector<RowBatch> batches_of_rows(const MmoeData& data, std::span<const std::uint32_t> groups,
                                      std::size_t batch_rows, Random& random);

// The sum over the batch's rows of the loss that MmoeTrainOptions describes, and its gradient through
// `tensors`.
torch::Tensor loss_sum(const MmoeData& data, const MmoeTrainOptions& options, const RowBatch& batch,
                       const MmoeTensors& tensors, double dropout);

}  // namespace winnow
