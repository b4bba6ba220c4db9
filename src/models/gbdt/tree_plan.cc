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

// Appends the blocks of one tree after another.
class BlockWriter final {
 public:
  BlockWriter(TreePlan& plan, const Columns& columns) : plan_(plan), columns_(columns) {}

  void write(const Tree& tree) {
    tree_ = &tree;
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
  const Columns& columns_;
  const Tree* tree_ = nullptr;
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
  const Columns columns(model);
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
