#include "models/gbdt/tree_model.h"

#include <algorithm>
#include <cmath>

#include "models/sealed.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WTRE";
constexpr std::uint32_t kFormat = 1;
constexpr std::string_view kName = "tree";

constexpr std::uint32_t kMaxFeatures = 1u << 16;
constexpr std::size_t kMaxOutputs = 4096;

Error invalid(std::string what, std::string field) {
  return {ErrorCode::invalid, "the tree model: " + std::move(what), std::move(field)};
}

Status check_tree(const Tree& tree, std::uint32_t features, std::size_t outputs) {
  if (tree.nodes.empty()) return invalid("a tree without nodes", "trees");
  if (tree.output >= outputs) return invalid("a tree of an output that is not there", "output");
  std::vector<bool> reached(tree.nodes.size());
  reached[0] = true;
  for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
    const TreeNode& node = tree.nodes[n];
    if (!reached[n]) return invalid("a node that no other leads to", "nodes");
    if (node.left == 0 && node.right == 0) {
      if (!std::isfinite(node.value)) return invalid("a leaf that is not finite", "value");
      continue;
    }
    for (const std::uint32_t child : {node.left, node.right}) {
      if (child <= n || child >= tree.nodes.size() || reached[child]) {
        return invalid("a child that is not a later node of its own", "nodes");
      }
      reached[child] = true;
    }
    if (node.feature >= features) return invalid("a split on a feature that is not there", "feature");
    if (std::isnan(node.value)) return invalid("a threshold that is not a number", "value");
  }
  return {};
}

// No sum of leaves can overflow.
bool sums_are_finite(const TreeModel& model) {
  std::vector<double> most;
  for (const float base : model.base) most.push_back(std::abs(base));
  for (const Tree& tree : model.trees) {
    float largest = 0;
    for (const TreeNode& node : tree.nodes) {
      if (node.left == 0) largest = std::max(largest, std::abs(node.value));
    }
    most[tree.output] += largest;
  }
  // Half of the range, since rounding may lift a sum.
  return std::all_of(most.begin(), most.end(), [](double sum) { return sum < 1e38; });
}

}  // namespace

Status TreeModel::check() const {
  if (features < 1 || features > kMaxFeatures) {
    return invalid(
        std::to_string(features) + " features: 1 to " + std::to_string(kMaxFeatures) + " are possible",
        "features");
  }
  if (base.empty() || base.size() > kMaxOutputs) {
    return invalid(
        std::to_string(base.size()) + " outputs: 1 to " + std::to_string(kMaxOutputs) + " are possible",
        "base");
  }
  if (link > TreeLink::softmax) return invalid("an unknown link", "link");
  for (const Tree& tree : trees) WINNOW_RETURN_IF_ERROR(check_tree(tree, features, base.size()));
  if (!sums_are_finite(*this)) return invalid("margins that are not finite", "base");
  return {};
}

std::string TreeModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(features);
  out.fixed(link);
  out.array<float>(base);
  out.varint(trees.size());
  for (const Tree& tree : trees) {
    out.varint(tree.output);
    out.varint(tree.nodes.size());
    for (const TreeNode& node : tree.nodes) {
      out.varint(node.left);
      out.fixed(node.value);
      if (node.left == 0) continue;
      out.varint(node.right);
      out.varint(std::uint64_t{node.feature} * 2 + (node.missing_left ? 1 : 0));
    }
  }
  return sealed(std::move(out));
}

Result<TreeModel> TreeModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_sealed(bytes, kTag, kFormat, kName));
  TreeModel model;
  model.features = in.fixed<std::uint32_t>();
  model.link = in.fixed<TreeLink>();
  model.base = in.array<float>();
  const std::uint64_t trees = in.varint();
  for (std::uint64_t t = 0; t < trees && !in.failed(); ++t) {
    Tree& tree = model.trees.emplace_back();
    tree.output = static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), kMaxOutputs));
    const std::uint64_t nodes = in.varint();
    for (std::uint64_t n = 0; n < nodes && !in.failed(); ++n) {
      TreeNode& node = tree.nodes.emplace_back();
      node.left = static_cast<std::uint32_t>(in.varint());
      node.value = in.fixed<float>();
      if (node.left == 0) continue;
      node.right = static_cast<std::uint32_t>(in.varint());
      const std::uint64_t split = in.varint();
      node.feature = static_cast<std::uint32_t>(split / 2);
      node.missing_left = split % 2 != 0;
    }
  }
  if (in.failed() || !in.at_end() || !model.check().ok()) return corrupt_model(kName);
  return model;
}

void apply_link(TreeLink link, std::span<float> margins, std::size_t outputs) {
  if (link == TreeLink::logistic) {
    constexpr float kLargestExponent = 88.7f;
    for (float& value : margins) value = 1.0f / (std::exp(std::min(-value, kLargestExponent)) + 1.0f);
  } else if (link == TreeLink::softmax) {
    for (; !margins.empty(); margins = margins.subspan(outputs)) {
      const auto row = margins.first(outputs);
      const float highest = *std::max_element(row.begin(), row.end());
      double sum = 0;
      for (float& value : row) sum += value = std::exp(value - highest);
      for (float& value : row) value /= static_cast<float>(sum);
    }
  }
}

namespace reference {

std::vector<float> tree_margins(const TreeModel& model, std::span<const float> rows) {
  const std::size_t count = rows.size() / model.features;
  std::vector<float> out;
  for (std::size_t r = 0; r < count; ++r) {
    const auto row = rows.subspan(r * model.features, model.features);
    std::vector<float> margins = model.base;
    for (const Tree& tree : model.trees) {
      const TreeNode* node = tree.nodes.data();
      while (node->left != 0) {
        const float value = row[node->feature];
        const bool left = std::isnan(value) ? node->missing_left : value < node->value;
        node = &tree.nodes[left ? node->left : node->right];
      }
      margins[tree.output] += node->value;
    }
    out.insert(out.end(), margins.begin(), margins.end());
  }
  return out;
}

}  // namespace reference
}  // namespace winnow
