// For tests of trees: models and rows at random.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "models/gbdt/tree_model.h"

namespace winnow {

struct RandomTrees {
  std::uint32_t features = 5;
  std::uint32_t outputs = 1;
  std::size_t trees = 10;
  int depth = 6;                 // at most
  double split_share = 0.9;      // of nodes above that depth
  std::uint32_t thresholds = 0;  // distinct ones a feature; 0: any number
  bool both_directions = true;   // missing values go left at some splits of a feature, right at others
};

inline void grow(Random& random, const RandomTrees& options, Tree& tree, std::uint32_t node, int depth) {
  if (depth == 0 || random.uniform() > options.split_share) {
    tree.nodes[node].value = static_cast<float>(random.normal());
    return;
  }
  const auto left = static_cast<std::uint32_t>(tree.nodes.size());
  tree.nodes.resize(tree.nodes.size() + 2);
  TreeNode& split = tree.nodes[node];
  split.left = left;
  split.right = left + 1;
  split.feature = random.below(options.features);
  split.missing_left = options.both_directions ? random.below(2) == 0 : split.feature % 2 == 0;
  split.value = options.thresholds > 0 ? static_cast<float>(random.below(options.thresholds)) / 4 - 2
                                       : static_cast<float>(random.normal());
  grow(random, options, tree, left, depth - 1);
  grow(random, options, tree, left + 1, depth - 1);
}

inline TreeModel random_trees(Random& random, const RandomTrees& options) {
  TreeModel model;
  model.features = options.features;
  for (std::uint32_t o = 0; o < options.outputs; ++o)
    model.base.push_back(static_cast<float>(random.normal()));
  for (std::size_t t = 0; t < options.trees; ++t) {
    Tree& tree = model.trees.emplace_back();
    tree.output = static_cast<std::uint32_t>(t) % options.outputs;
    tree.nodes.resize(1);
    grow(random, options, tree, 0, options.depth);
  }
  return model;
}

// Numbers, some of which are thresholds; missing, infinite and negative zero ones among them.
inline std::vector<float> random_tree_rows(Random& random, const TreeModel& model, std::size_t count) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::vector<float> out(count * model.features);
  for (float& value : out) {
    switch (random.below(12)) {
      case 0:
        value = std::numeric_limits<float>::quiet_NaN();
        break;
      case 1:
        value = random.below(2) == 0 ? kInfinite : -kInfinite;
        break;
      case 2:
        value = -0.0f;
        break;
      case 3:
      case 4: {
        const auto& nodes = model.trees[random.below(static_cast<std::uint32_t>(model.trees.size()))].nodes;
        value = nodes[random.below(static_cast<std::uint32_t>(nodes.size()))].value;
        break;
      }
      default:
        value = static_cast<float>(random.normal());
    }
  }
  return out;
}

}  // namespace winnow
