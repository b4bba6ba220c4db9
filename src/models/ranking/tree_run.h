// One ensemble as it grows, and how well it predicts rows that it does not learn from. Private to
// train_trees.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/gbdt/xgboost_library.h"
#include "models/ranking/train_trees.h"

namespace winnow {

// The rows of some groups whose label of one head is known.
struct TreeRows {
  std::vector<float> values, labels, weights;
  std::vector<std::uint64_t> groups{0};

  std::size_t count() const { return labels.size(); }
  std::span<const float> of_group(const std::vector<float>& column, std::size_t g) const {
    return std::span(column).subspan(groups[g], groups[g + 1] - groups[g]);
  }
};
TreeRows tree_rows(const RankingSet& set, std::uint32_t head, std::span<const std::uint32_t> groups);

// What is to be small, summed: the cross-entropy of rows, or 1 - NDCG of groups that have a gain.
struct TreeLoss {
  double sum = 0;
  double weight = 0;
};

class TreeRun final {
 public:
  // held_out may be empty.
  static Result<TreeRun> start(const XgboostLibrary& library, const TreeTrainOptions& options, TreeRows train,
                               TreeRows held_out);

  Status round();                          // grows a tree
  Result<TreeLoss> held_out_loss() const;  // now
  Result<std::string> save() const { return booster_.save(); }

 private:
  TreeRun(const TreeTrainOptions& options, TreeRows train, TreeRows held_out,
          std::unique_ptr<XgboostMatrix> train_matrix, std::unique_ptr<XgboostMatrix> held_out_matrix,
          XgboostBooster booster);

  const TreeTrainOptions* options_;
  TreeRows train_;
  TreeRows held_out_;
  std::unique_ptr<XgboostMatrix> train_matrix_;
  std::unique_ptr<XgboostMatrix> held_out_matrix_;  // null when empty
  XgboostBooster booster_;
  std::vector<float> gradients_, hessians_;
};

}  // namespace winnow
