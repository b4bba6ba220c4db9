// An ensemble of decision trees (gradient boosting): a plain value, as it is read from XGBoost
// (xgboost_model.h); TreeScorer runs it. Format: docs/formats/models.md.
//
// A row's margin is the base and then, tree after tree, the value of the leaf it falls into, added in single
// precision in that order: so the sum is XGBoost's to the bit.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

// A split, or a leaf where left is 0.
struct TreeNode {
  std::uint32_t left = 0;   // the child of rows whose feature is below the threshold
  std::uint32_t right = 0;  // the other one; both come after their parent
  std::uint32_t feature = 0;
  bool missing_left = false;  // where rows go whose feature is NaN
  float value = 0;            // threshold or leaf
};

// nodes[0] is the root.
struct Tree {
  std::uint32_t output = 0;
  std::vector<TreeNode> nodes;
};

// What makes a prediction of margins.
enum class TreeLink : std::uint8_t { identity, logistic, softmax };

struct TreeModel {
  std::uint32_t features = 0;
  std::vector<float> base;  // per output
  TreeLink link = TreeLink::identity;
  std::vector<Tree> trees;

  // invalid where nodes do not make a tree, a number is out of range or not finite, or margins could
  // overflow.
  Status check() const;

  std::string encode() const;
  // corrupt, unsupported.
  static Result<TreeModel> decode(std::string_view bytes);
};

// In place, rows x model.base.size(): margins to predictions, in XGBoost's arithmetic.
void apply_link(TreeLink link, std::span<float> margins, std::size_t outputs);

namespace reference {
// The margins of rows (any number x model.features), one node after the other. Rows x outputs.
std::vector<float> tree_margins(const TreeModel& model, std::span<const float> rows);
}  // namespace reference

}  // namespace winnow
