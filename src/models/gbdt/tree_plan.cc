#include "models/gbdt/tree_plan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace winnow {
namespace {

// Which column a split reads, and the place of its threshold in it. A feature of more thresholds than a
// column holds has several.
class Columns final {
 public:
  explicit Columns(const TreeModel& model) : features_(model.features) {
    for (const Tree& tree : model.trees) {
      for (const TreeNode& node : tree.nodes) {
        if (node.left != 0) features_[node.feature].thresholds.push_back(node.value);
      }
    }
    std::size_t columns = 0;
    for (Feature& feature : features_) {
      auto& values = feature.thresholds;
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      feature.first = columns;
      columns += (values.size() + kColumnThresholds - 1) / kColumnThresholds;
    }
  }

  NodeTest test_of(const TreeNode& node) const {
    const Feature& feature = features_[node.feature];
    const auto found = std::lower_bound(feature.thresholds.begin(), feature.thresholds.end(), node.value);
    const auto at = static_cast<std::size_t>(found - feature.thresholds.begin());
    const std::size_t column = feature.first + at / kColumnThresholds;
    const std::size_t codes = column * kColumnCodes + (node.missing_left ? 0 : kTreeRows);
    const std::size_t inverted = 254 - at % kColumnThresholds;
    return {static_cast<std::uint32_t>(codes), static_cast<std::uint32_t>(inverted) * 0x01010101u};
  }

  std::vector<ThresholdColumn, CacheAligned<ThresholdColumn>> take() const {
    std::vector<ThresholdColumn, CacheAligned<ThresholdColumn>> out;
    for (std::size_t f = 0; f < features_.size(); ++f) {
      const auto& thresholds = features_[f].thresholds;
      for (std::size_t begin = 0; begin < thresholds.size(); begin += kColumnThresholds) {
        ThresholdColumn column;
        column.feature = static_cast<std::uint32_t>(f);
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
  struct Feature {
    std::vector<float> thresholds;  // ascending, distinct
    std::size_t first = 0;          // column
  };

  std::vector<Feature> features_;
};

// Appends the blocks and lower nodes of one tree after another.
class TreeWriter final {
 public:
  TreeWriter(TreePlan& plan, const Columns& columns) : plan_(plan), columns_(columns) {}

  // Where in `entries` the tree's exits are; TreeStep::kShallow where all of it is in its block.
  std::uint32_t write(const Tree& tree) {
    tree_ = &tree;
    exits_.fill(0);
    bool deep = false;
    plan_.blocks.emplace_back();
    write_upper(0, 1, deep);
    if (!deep) return TreeStep::kShallow;
    const auto entries = static_cast<std::uint32_t>(plan_.entries.size());
    for (const std::uint32_t node : exits_) {
      plan_.entries.push_back(static_cast<std::uint32_t>(plan_.lower.size()));
      write_lower(node);
    }
    return entries;
  }

 private:
  // n: a node of the tree. place: in the block.
  void write_upper(std::uint32_t n, std::size_t place, bool& deep) {
    const TreeNode& node = tree_->nodes[n];
    if (node.left == 0 || place >= kBlockExits) {
      deep = deep || node.left != 0;
      return write_exits(n, place);
    }
    plan_.blocks.back().tests[place] = columns_.test_of(node);
    write_upper(node.left, 2 * place, deep);
    write_upper(node.right, 2 * place + 1, deep);
  }

  // All exits below a leaf that lies further up are that leaf, so it does not matter what is compared there.
  void write_exits(std::uint32_t n, std::size_t place) {
    std::size_t end = place + 1;
    for (; place < kBlockExits; place *= 2) end *= 2;
    for (std::size_t exit = place - kBlockExits; exit < end - kBlockExits; ++exit) {
      plan_.blocks.back().leaves[exit] = tree_->nodes[n].value;
      exits_[exit] = n;
    }
  }

  // The nodes from n on, children side by side.
  void write_lower(std::uint32_t n) {
    std::vector<std::uint32_t> order = {n};
    const auto first = static_cast<std::uint32_t>(plan_.lower.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
      const TreeNode& node = tree_->nodes[order[k]];
      LowerNode lower;
      lower.value = node.value;
      lower.left = first + static_cast<std::uint32_t>(k);
      if (node.left != 0) {
        const NodeTest test = columns_.test_of(node);
        lower.codes = test.codes;
        lower.inverted = static_cast<std::uint8_t>(test.inverted & 0xFFu);
        lower.branches = 1;
        lower.left = first + static_cast<std::uint32_t>(order.size());
        order.push_back(node.left);
        order.push_back(node.right);
      }
      plan_.lower.push_back(lower);
    }
  }

  TreePlan& plan_;
  const Columns& columns_;
  const Tree* tree_ = nullptr;
  std::array<std::uint32_t, kBlockExits> exits_{};  // nodes of the tree
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
  const Columns columns(model);
  TreeWriter writer(plan, columns);
  for (std::uint32_t output = 0; output < model.base.size(); ++output) {
    for (const Tree& tree : model.trees) {
      if (tree.output != output) continue;
      const auto block = static_cast<std::uint32_t>(plan.blocks.size());
      const std::uint32_t deep = writer.write(tree);
      const bool shallow = deep == TreeStep::kShallow;
      if (shallow && leaf_planes) to_planes(plan.blocks.back().leaves);
      TreeStep* const last = plan.steps.empty() ? nullptr : &plan.steps.back();
      if (shallow && last != nullptr && last->output == output && last->deep == TreeStep::kShallow) {
        ++last->count;
      } else {
        plan.steps.push_back({output, block, 1, deep});
      }
    }
  }
  plan.columns = columns.take();
  return plan;
}

}  // namespace winnow
