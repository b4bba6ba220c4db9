// A tree model laid out for the kernels (tree_kernels.h): columns of thresholds, and blocks of six levels.
// Private to TreeScorer.
#pragma once

#include <cstdint>
#include <vector>

#include "math/aligned.h"
#include "models/gbdt/tree_kernels.h"
#include "models/gbdt/tree_model.h"

namespace winnow {

// Blocks that are added to one output: trees of one block each, or, where `deep`, one tree of them all.
struct TreeStep {
  std::uint32_t output = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool deep = false;
};

struct TreePlan {
  std::vector<ThresholdColumn, CacheAligned<ThresholdColumn>> columns;
  std::vector<TreeBlock, CacheAligned<TreeBlock>> blocks;
  // Per block and exit: 0 for a leaf, else how many blocks after its tree's first the next one is.
  std::vector<std::uint32_t> next;
  std::vector<TreeStep> steps;  // output by output, each in the order of its trees
};

// model: one that passes check(). leaf_planes: of trees of one block (TreeKernels). O(nodes log nodes).
TreePlan plan_trees(const TreeModel& model, bool leaf_planes);

}  // namespace winnow
