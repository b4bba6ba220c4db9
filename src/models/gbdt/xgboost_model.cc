#include "models/gbdt/xgboost_model.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "models/gbdt/document.h"

namespace winnow {
namespace {

Error corrupt(std::string what) {
  return {ErrorCode::corrupt, "the XGBoost model is damaged: " + std::move(what) + "; save it again", ""};
}

Error unsupported(std::string what) {
  return {ErrorCode::unsupported, "the XGBoost model has " + std::move(what), ""};
}

// How an objective's margins begin, and what is made of them.
struct Objective {
  std::string_view name;
  TreeLink link;
  bool logit_base;  // the base is a probability
};
constexpr std::array kObjectives = {
    Objective{"reg:squarederror", TreeLink::identity, false},
    Objective{"reg:linear", TreeLink::identity, false},
    Objective{"reg:absoluteerror", TreeLink::identity, false},
    Objective{"reg:pseudohubererror", TreeLink::identity, false},
    Objective{"reg:logistic", TreeLink::logistic, true},
    Objective{"binary:logistic", TreeLink::logistic, true},
    Objective{"binary:logitraw", TreeLink::identity, true},
    Objective{"rank:ndcg", TreeLink::identity, false},
    Objective{"rank:map", TreeLink::identity, false},
    Objective{"rank:pairwise", TreeLink::identity, false},
    Objective{"multi:softprob", TreeLink::softmax, false},
};

const Document& at(const Document& document, std::initializer_list<std::string_view> path) {
  static const Document kNothing;
  const Document* found = &document;
  for (const std::string_view name : path) {
    if (found != nullptr) found = found->find(name);
  }
  return found != nullptr ? *found : kNothing;
}

// Numbers are written as text among parameters; XGBoost 3 writes the base as a list of them, "[5E-1]".
Result<std::vector<float>> floats_in(std::string_view text, std::string_view name) {
  std::vector<float> out;
  while (!text.empty()) {
    if (std::string_view("[], ").find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
      continue;
    }
    float value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return corrupt("its " + std::string(name) + " is not a number");
    out.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  }
  if (out.empty()) return corrupt("it has no " + std::string(name));
  return out;
}

Result<std::uint32_t> count_in(const Document& parameters, std::string_view name) {
  const Document* const found = parameters.find(name);
  if (found == nullptr) return corrupt("it has no " + std::string(name));
  std::uint32_t value = 0;
  const char* const end = found->text.data() + found->text.size();
  if (std::from_chars(found->text.data(), end, value).ptr != end || found->text.empty()) {
    return corrupt("its " + std::string(name) + " is not a count");
  }
  return value;
}

// A node as it is saved: the arrays of a tree, by its number.
struct SavedTree {
  const std::vector<double>& left;
  const std::vector<double>& right;
  const std::vector<double>& feature;
  const std::vector<double>& value;
  const std::vector<double>& default_left;
};

bool fits(const SavedTree& tree) {
  const std::size_t nodes = tree.left.size();
  for (const auto* array : {&tree.right, &tree.feature, &tree.value, &tree.default_left}) {
    if (array->size() != nodes) return false;
  }
  const auto index = [&](double child) {
    return child == -1 || (child >= 0 && child < static_cast<double>(nodes));
  };
  return nodes > 0 && std::all_of(tree.left.begin(), tree.left.end(), index) &&
         std::all_of(tree.right.begin(), tree.right.end(), index) &&
         std::all_of(tree.feature.begin(), tree.feature.end(), [](double f) { return f >= 0 && f < 0x1p31; });
}

// Children behind their parents; pruned nodes are left out. False when a node is reached twice.
bool copy_nodes(const SavedTree& saved, std::vector<TreeNode>& out) {
  std::vector<std::size_t> order = {0};  // the saved number of each node
  out.emplace_back();
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t n = order[k];
    out[k].value = static_cast<float>(saved.value[n]);
    if (saved.left[n] < 0) continue;
    if (saved.right[n] < 0 || order.size() + 2 > saved.left.size()) return false;
    out[k].feature = static_cast<std::uint32_t>(saved.feature[n]);
    out[k].missing_left = saved.default_left[n] != 0;
    out[k].left = static_cast<std::uint32_t>(order.size());
    out[k].right = out[k].left + 1;
    order.push_back(static_cast<std::size_t>(saved.left[n]));
    order.push_back(static_cast<std::size_t>(saved.right[n]));
    out.resize(order.size());
  }
  return true;
}

Result<Tree> read_tree(const Document& document, double output) {
  const auto array = [&](std::string_view name) -> const std::vector<double>& {
    return at(document, {name}).numbers;
  };
  const auto& types = array("split_type");
  if (std::any_of(types.begin(), types.end(), [](double type) { return type != 0; })) {
    return unsupported("categorical splits: encode categories as numbers before training");
  }
  if (const std::string& size = at(document, {"tree_param", "size_leaf_vector"}).text; size > "1") {
    return unsupported("leaves of several values: train one output per tree");
  }
  const SavedTree saved{array("left_children"), array("right_children"), array("split_indices"),
                        array("split_conditions"), array("default_left")};
  Tree tree;
  if (!(output >= 0 && output < 0x1p31)) return corrupt("a tree's output is out of range");
  tree.output = static_cast<std::uint32_t>(output);
  if (!fits(saved) || !copy_nodes(saved, tree.nodes))
    return corrupt("the nodes of a tree do not fit together");
  return tree;
}

Status read_trees(const Document& gbtree, TreeModel& model) {
  const Document& trees = at(gbtree, {"trees"});
  const std::vector<double>& outputs = at(gbtree, {"tree_info"}).numbers;
  if (trees.items.size() != outputs.size()) return corrupt("not every tree has an output");
  for (std::size_t t = 0; t < outputs.size(); ++t) {
    WINNOW_TRY(Tree tree, read_tree(trees.items[t], outputs[t]));
    model.trees.push_back(std::move(tree));
  }
  return {};
}

}  // namespace

Result<TreeModel> read_xgboost_model(std::string_view bytes) {
  // UBJSON begins an object with a length's type, JSON with a quotation mark or space.
  const bool binary =
      bytes.size() > 1 && std::string_view("iUIlLN$#").find(bytes[1]) != std::string_view::npos;
  WINNOW_TRY(const Document document, binary ? parse_ubjson(bytes) : parse_json(bytes));
  const Document& learner = at(document, {"learner"});
  const Document& parameters = at(learner, {"learner_model_param"});

  if (const std::string& booster = at(learner, {"gradient_booster", "name"}).text; booster != "gbtree") {
    return unsupported("the booster '" + booster + "': only gbtree is read");
  }
  const std::string& name = at(learner, {"objective", "name"}).text;
  const auto* const objective = std::find_if(kObjectives.begin(), kObjectives.end(),
                                             [&](const Objective& o) { return o.name == name; });
  if (objective == kObjectives.end()) {
    return unsupported("the objective '" + name +
                       "': use one of reg:squarederror, binary:logistic, rank:*, " + "multi:softprob");
  }
  TreeModel model;
  model.link = objective->link;
  WINNOW_TRY(model.features, count_in(parameters, "num_feature"));
  WINNOW_TRY(const std::uint32_t classes, count_in(parameters, "num_class"));
  WINNOW_TRY(model.base, floats_in(at(parameters, {"base_score"}).text, "base_score"));
  if (classes > 1 && model.base.size() == 1) model.base.resize(classes, model.base[0]);
  if (objective->logit_base) {
    for (float& base : model.base) base = -std::log(1.0f / base - 1.0f);
  }
  WINNOW_RETURN_IF_ERROR(read_trees(at(learner, {"gradient_booster", "model"}), model));
  WINNOW_RETURN_IF_ERROR(model.check());
  return model;
}

}  // namespace winnow
