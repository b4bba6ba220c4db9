#include "models/ranking/onnx_export.h"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "models/ranking/onnx_writer.h"

namespace winnow {
namespace {

using Names = std::vector<std::string>;
using Attributes = std::vector<ProtoMessage>;
using Integers = std::vector<std::int64_t>;

const std::string kRows(OnnxGraph::kInput);
const std::string kScores(OnnxGraph::kOutput);

std::string numbered(std::string_view name, std::size_t k) { return std::string(name) + std::to_string(k); }

std::string quoted_list(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + json_quoted(name);
  return "[" + out + "]";
}

// As OnnxColumns reads them.
std::string columns_json(std::span<const std::string> features, std::span<const std::string> heads,
                         std::span<const float> worth) {
  std::string worths;
  for (std::size_t h = 0; h < heads.size(); ++h)
    worths += fmt::format("{}{}: {}", h == 0 ? "" : ", ", json_quoted(heads[h]), worth[h]);
  return fmt::format("{{\"features\": {}, \"heads\": {}, \"worth\": {{{}}}}}\n", quoted_list(features),
                     quoted_list(heads), worths);
}

// input x weights + bias, then the operator, if any.
std::string layer(OnnxGraph& graph, const std::string& input, const DenseWeights& weights,
                  const std::string& name, std::string_view then) {
  const auto outputs = static_cast<std::int64_t>(weights.bias.size());
  const auto inputs = static_cast<std::int64_t>(weights.weights.size()) / outputs;
  const Names operands = {input,
                          graph.constant(name + "_weights", weights.weights, Integers{inputs, outputs}),
                          graph.constant(name + "_bias", weights.bias, Integers{outputs})};
  if (then.empty()) return graph.node("Gemm", operands, name);
  const Names sum = {graph.node("Gemm", operands, name + "_sum")};
  return graph.node(then, sum, name);
}

std::string joined(OnnxGraph& graph, const Names& columns, const std::string& name) {
  return graph.node("Concat", columns, name, Attributes{OnnxGraph::attribute("axis", std::int64_t{1})});
}

// rows x (a b) as rows x a x b.
std::string folded(OnnxGraph& graph, const std::string& matrix, std::int64_t a, std::int64_t b,
                   const std::string& name) {
  return graph.node("Reshape", Names{matrix, graph.constant(name + "_shape", Integers{0, a, b})}, name);
}

// A head's gates as rows x 1 x experts, to weigh experts of rows x experts x outputs.
std::string head(OnnxGraph& graph, const MmoeModel& model, const std::string& experts, std::size_t t) {
  const MmoeShape& s = model.shape;
  const std::string logits = layer(graph, kRows, model.gates[t], numbered("gate", t), "");
  const std::string gates = graph.node("Softmax", Names{logits}, numbered("weights", t),
                                       Attributes{OnnxGraph::attribute("axis", std::int64_t{1})});
  const std::string across = folded(graph, gates, 1, s.experts, numbered("across", t));
  const std::string mixed = graph.node("MatMul", Names{across, experts}, numbered("mixed", t));
  const std::string flat = graph.node(
      "Reshape", Names{mixed, graph.constant(numbered("flat_shape", t), Integers{0, s.expert_outputs})},
      numbered("flat", t));
  const std::string hidden = layer(graph, flat, model.head_first[t], numbered("head", t), "Relu");
  return layer(graph, hidden, model.head_second[t], numbered("score", t), "Sigmoid");
}

// The nodes of all trees, in the columns that the operator wants.
struct TreeColumns {
  Integers trees, nodes, features, lefts, rights, missing_left;
  Names modes;
  std::vector<float> thresholds;
  Integers leaf_trees, leaf_nodes, leaf_outputs;
  std::vector<float> leaf_values;
};

TreeColumns columns_of(const TreeModel& model) {
  TreeColumns out;
  for (std::size_t t = 0; t < model.trees.size(); ++t) {
    const Tree& tree = model.trees[t];
    for (std::size_t n = 0; n < tree.nodes.size(); ++n) {
      const TreeNode& node = tree.nodes[n];
      const bool leaf = node.left == 0;
      out.trees.push_back(static_cast<std::int64_t>(t));
      out.nodes.push_back(static_cast<std::int64_t>(n));
      out.features.push_back(leaf ? 0 : node.feature);
      out.modes.emplace_back(leaf ? "LEAF" : "BRANCH_LT");
      out.thresholds.push_back(leaf ? 0 : node.value);
      out.lefts.push_back(node.left);
      out.rights.push_back(node.right);
      out.missing_left.push_back(!leaf && node.missing_left ? 1 : 0);
      if (!leaf) continue;
      out.leaf_trees.push_back(static_cast<std::int64_t>(t));
      out.leaf_nodes.push_back(static_cast<std::int64_t>(n));
      out.leaf_outputs.push_back(tree.output);
      out.leaf_values.push_back(node.value);
    }
  }
  return out;
}

Attributes attributes_of(const TreeModel& model) {
  const TreeColumns columns = columns_of(model);
  const auto integers = [](std::string_view name, const Integers& values) {
    return OnnxGraph::attribute(name, std::span(values));
  };
  const auto floats = [](std::string_view name, const std::vector<float>& values) {
    return OnnxGraph::attribute(name, std::span(values));
  };
  return {OnnxGraph::attribute("n_targets", static_cast<std::int64_t>(model.base.size())),
          OnnxGraph::attribute("aggregate_function", std::string_view("SUM")),
          OnnxGraph::attribute("post_transform", std::string_view("NONE")),
          floats("base_values", model.base),
          integers("nodes_treeids", columns.trees),
          integers("nodes_nodeids", columns.nodes),
          integers("nodes_featureids", columns.features),
          OnnxGraph::attribute("nodes_modes", std::span<const std::string>(columns.modes)),
          floats("nodes_values", columns.thresholds),
          integers("nodes_truenodeids", columns.lefts),
          integers("nodes_falsenodeids", columns.rights),
          integers("nodes_missing_value_tracks_true", columns.missing_left),
          integers("target_treeids", columns.leaf_trees),
          integers("target_nodeids", columns.leaf_nodes),
          integers("target_ids", columns.leaf_outputs),
          floats("target_weights", columns.leaf_values)};
}

}  // namespace

std::string export_onnx(const MmoeModel& model) {
  OnnxGraph graph;
  const MmoeShape& s = model.shape;
  Names experts;
  for (std::size_t e = 0; e < s.experts; ++e) {
    const std::string hidden = layer(graph, kRows, model.expert_first[e], numbered("hidden", e), "Relu");
    experts.push_back(layer(graph, hidden, model.expert_second[e], numbered("expert", e), "Relu"));
  }
  const std::string stacked =
      folded(graph, joined(graph, experts, "all_experts"), s.experts, s.expert_outputs, "experts");
  Names scores;
  for (std::size_t t = 0; t < s.heads; ++t) scores.push_back(head(graph, model, stacked, t));
  joined(graph, scores, kScores);
  return std::move(graph).model(s.inputs, s.heads);
}

std::string export_onnx(const TreeModel& model) {
  OnnxGraph graph;
  const bool linked = model.link != TreeLink::identity;
  const std::string margins = graph.node("TreeEnsembleRegressor", Names{kRows}, linked ? "margins" : kScores,
                                         attributes_of(model), 1, OnnxGraph::kTreeDomain);
  if (model.link == TreeLink::logistic) graph.node("Sigmoid", Names{margins}, kScores);
  if (model.link == TreeLink::softmax)
    graph.node("Softmax", Names{margins}, kScores, Attributes{OnnxGraph::attribute("axis", std::int64_t{1})});
  return std::move(graph).model(model.features, static_cast<std::int64_t>(model.base.size()));
}

std::vector<ExportedFile> export_onnx(const RankerModel& model) {
  std::vector<ExportedFile> out;
  const auto add = [&](const std::string& name, const auto& part, std::span<const std::string> features,
                       std::span<const std::string> heads, std::span<const float> worth) {
    out.push_back({name, export_onnx(part)});
    out.push_back({name + ".json", columns_json(features, heads, worth)});
  };
  if (model.light) {
    const std::vector<std::string> head = {"worth"};
    const std::vector<float> one = {1};
    add("light.onnx", *model.light, model.light_features, head, one);
  }
  if (model.network) add("full.onnx", *model.network, model.full_features, model.heads, model.worth);
  for (std::size_t h = 0; h < model.trees.size(); ++h) {
    add(fmt::format("full-{}.onnx", model.heads[h]), model.trees[h], model.full_features,
        std::span(model.heads).subspan(h, 1), std::span(model.worth).subspan(h, 1));
  }
  return out;
}

}  // namespace winnow
