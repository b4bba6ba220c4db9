#include "models/gbdt/tree_plan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace winnow {
namespace {

// Which column a split reads, and the place of its threshold in it. A feature whose missing values go left at
// some splits and right at others has columns for both; so has one of more thresholds than a column holds.
class Columns final {
 public:
  explicit Columns(const TreeModel& model) : sides_(std::size_t{model.features} * 2) {
    for (const Tree& tree : model.trees) {
      for (const TreeNode& node : tree.nodes) {
        if (node.left != 0) side_of(node).thresholds.push_back(node.value);
      }
    }
    std::uint32_t columns = 0;
    for (Side& side : sides_) {
      std::sort(side.thresholds.begin(), side.thresholds.end());
      side.thresholds.erase(std::unique(side.thresholds.begin(), side.thresholds.end()),
                            side.thresholds.end());
      side.first = columns;
      columns +=
          static_cast<std::uint32_t>((side.thresholds.size() + kColumnThresholds - 1) / kColumnThresholds);
    }
  }

  NodeTest test_of(const TreeNode& node) {
    const Side& side = side_of(node);
    const auto found = std::lower_bound(side.thresholds.begin(), side.thresholds.end(), node.value);
    const auto at = static_cast<std::uint32_t>(found - side.thresholds.begin());
    const std::uint32_t column = side.first + at / static_cast<std::uint32_t>(kColumnThresholds);
    const std::uint32_t inverted = 254 - at % static_cast<std::uint32_t>(kColumnThresholds);
    return {column * static_cast<std::uint32_t>(kTreeRows), inverted * 0x01010101u};
  }

  std::vector<ThresholdColumn, CacheAligned<ThresholdColumn>> take() const {
    std::vector<ThresholdColumn, CacheAligned<ThresholdColumn>> out;
    for (std::size_t s = 0; s < sides_.size(); ++s) {
      const auto& thresholds = sides_[s].thresholds;
      for (std::size_t begin = 0; begin < thresholds.size(); begin += kColumnThresholds) {
        ThresholdColumn column;
        column.feature = static_cast<std::uint32_t>(s / 2);
        column.missing = s % 2 != 0 ? 0 : 255;
        column.count = static_cast<std::uint32_t>(std::min(kColumnThresholds, thresholds.size() - begin));
        column.thresholds.fill(std::numeric_limits<float>::quiet_NaN());
        std::copy_n(thresholds.begin() + static_cast<std::ptrdiff_t>(begin), column.count,
                    column.thresholds.begin());
        for (std::size_t i = 0; i < column.splitters.size(); ++i) {
          column.splitters[i] = column.thresholds[16 * i + 15];
        }
        out.push_back(column);
      }
    }
    return out;
  }

 private:
  struct Side {
    std::vector<float> thresholds;  // ascending, distinct
    std::uint32_t first = 0;        // column
  };

  Side& side_of(const TreeNode& node) {
    return sides_[std::size_t{node.feature} * 2 + (node.missing_left ? 1 : 0)];
  }

  std::vector<Side> sides_;  // per feature: missing values go right, left
};

// Appends the blocks of one tree after another.
class BlockWriter final {
 public:
  BlockWriter(TreePlan& plan, Columns& columns) : plan_(plan), columns_(columns) {}

  void write(const Tree& tree) {
    tree_ = &tree;
    first_ = plan_.blocks.size();
    roots_ = {0};
    for (std::size_t k = 0; k < roots_.size(); ++k) {
      plan_.blocks.emplace_back();
      plan_.next.resize(plan_.next.size() + kBlockExits);
      write_node(roots_[k], 1);
    }
  }

 private:
  // place: in the block that is the last so far.
  void write_node(std::uint32_t n, std::size_t place) {
    const TreeNode& node = tree_->nodes[n];
    if (node.left == 0) return write_leaf(node.value, place);
    if (place >= kBlockExits) {
      plan_.next[(plan_.blocks.size() - 1) * kBlockExits + place - kBlockExits] =
          static_cast<std::uint32_t>(roots_.size());
      roots_.push_back(n);
      return;
    }
    plan_.blocks.back().tests[place] = columns_.test_of(node);
    write_node(node.left, 2 * place);
    write_node(node.right, 2 * place + 1);
  }

  // All exits below a leaf that lies further up hold its value, so it does not matter what is compared there.
  void write_leaf(float value, std::size_t place) {
    std::size_t end = place + 1;
    for (; place < kBlockExits; place *= 2) end *= 2;
    for (std::size_t exit = place; exit < end; ++exit) plan_.blocks.back().leaves[exit - kBlockExits] = value;
  }

  TreePlan& plan_;
  Columns& columns_;
  const Tree* tree_ = nullptr;
  std::size_t first_ = 0;
  std::vector<std::uint32_t> roots_;  // nodes that begin a block
};

void to_planes(std::array<float, kBlockExits>& leaves) {
  std::array<std::uint8_t, sizeof leaves> planes{};
  for (std::size_t exit = 0; exit < kBlockExits; ++exit) {
    const auto bytes = std::bit_cast<std::array<std::uint8_t, 4>>(leaves[exit]);
    for (std::size_t k = 0; k < 4; ++k) planes[k * kBlockExits + exit] = bytes[k];
  }
  leaves = std::bit_cast<std::array<float, kBlockExits>>(planes);
}

}  // namespace

TreePlan plan_trees(const TreeModel& model, bool leaf_planes) {
  TreePlan plan;
  Columns columns(model);
  BlockWriter writer(plan, columns);
  for (std::uint32_t output = 0; output < model.base.size(); ++output) {
    for (const Tree& tree : model.trees) {
      if (tree.output != output) continue;
      const auto first = static_cast<std::uint32_t>(plan.blocks.size());
      writer.write(tree);
      const auto count = static_cast<std::uint32_t>(plan.blocks.size()) - first;
      if (count > 1) {
        plan.steps.push_back({output, first, count, true});
        continue;
      }
      if (leaf_planes) to_planes(plan.blocks.back().leaves);
      TreeStep* const last = plan.steps.empty() ? nullptr : &plan.steps.back();
      if (last != nullptr && last->output == output && !last->deep) {
        ++last->count;
      } else {
        plan.steps.push_back({output, first, 1, false});
      }
    }
  }
  plan.columns = columns.take();
  return plan;
}

}  // namespace winnow
