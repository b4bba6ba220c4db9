// Scores candidates by an ensemble of trees (tree_model.h), 64 rows at a time. Results are those of XGBoost
// to the bit, missing values (NaN) included, at every CpuLevel.
//
// The upper six levels of a tree cost about as much as comparing 63 bytes; each further one costs a step a
// row.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/object_pool.h"
#include "base/result.h"
#include "models/gbdt/tree_plan.h"

namespace winnow {

struct TreeScorerOptions {
  std::optional<CpuLevel> cpu{};  // unset: the best of this machine
};

// Immutable and thread-safe.
class TreeScorer final {
 public:
  // invalid: the model fails its check, or this machine cannot run `cpu`.
  static Result<TreeScorer> open(const TreeModel& model, TreeScorerOptions options = {});

  // rows: any number x features(), row-major; NaN: missing. out: the same number x outputs(); always finite.
  // margins are sums of leaves, predictions what the model's link makes of them. Allocates nothing once as
  // many threads have called it at once as ever will. O(rows x trees).
  void margins(std::span<const float> rows, std::span<float> out) const;
  void predict(std::span<const float> rows, std::span<float> out) const;

  std::size_t features() const { return features_; }
  std::size_t outputs() const { return base_.size(); }

 private:
  struct Workspace {
    std::vector<std::uint8_t, CacheAligned<std::uint8_t>> codes;  // columns x kColumnCodes
    AlignedFloats sums;                                           // kTreeRows
  };

  TreeScorer(const TreeModel& model, const TreeKernels& kernels);

  void score_block(std::span<const float> rows, Workspace& workspace, std::span<float> out) const;
  void rank(const ThresholdColumn& column, std::span<const float> rows, std::uint8_t* codes) const;
  void add_deep(const TreeStep& step, std::size_t rows, Workspace& workspace) const;

  std::size_t features_;
  std::vector<float> base_;
  TreeLink link_;
  const TreeKernels* kernels_;
  TreePlan plan_;
  std::unique_ptr<ObjectPool<Workspace>> workspaces_;
};

}  // namespace winnow
