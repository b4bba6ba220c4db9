// A tree model laid out for the kernels (tree_kernels.h): columns of thresholds, a block for the upper six
// levels of each tree, and nodes for what lies below. Private to TreeScorer.
#pragma once

#include <cstdint>
#include <vector>

#include "math/aligned.h"
#include "models/gbdt/tree_kernels.h"
#include "models/gbdt/tree_model.h"

namespace winnow {

// A node below the upper levels. A row goes to `left`, or to the node behind it where code + inverted >= 255;
// a leaf leads to itself.
struct LowerNode {
  std::uint32_t codes = 0;  // as of NodeTest
  std::uint32_t left = 0;
  std::uint8_t inverted = 0;
  std::uint8_t branches = 0;  // 0: a leaf
  float value = 0;
};

// Trees, of one block each, that are added to one output one after the other.
struct TreeStep {
  static constexpr std::uint32_t kShallow = ~0u;

  std::uint32_t output = 0;
  std::uint32_t first = 0;  // block
  std::uint32_t count = 0;
  // Of a single tree that goes deeper: where in `entries` its block's exits are.
  std::uint32_t deep = kShallow;
};

struct TreePlan {
  std::vector<ThresholdColumn, CacheAligned<ThresholdColumn>> columns;
  std::vector<TreeBlock, CacheAligned<TreeBlock>> blocks;
  std::vector<LowerNode> lower;
  std::vector<std::uint32_t> entries;  // per deep tree and exit: the lower node
  std::vector<TreeStep> steps;         // output by output, each in the order of its trees
};

// model: one that passes check(). leaf_planes: of trees that end in their block (TreeKernels). O(nodes log
// nodes).
TreePlan plan_trees(const TreeModel& model, bool leaf_planes);

}  // namespace winnow
