#include "models/gbdt/tree_scorer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "base/check.h"

namespace winnow {
namespace {

// Up to so many blocks of a deep tree are run for all rows; of more, each row looks at its own only.
constexpr std::uint32_t kMostBlocksAtOnce = 24;

}  // namespace

TreeScorer::TreeScorer(const TreeModel& model, const TreeKernels& kernels)
    : features_(model.features),
      base_(model.base),
      link_(model.link),
      kernels_(&kernels),
      plan_(plan_trees(model, kernels.leaf_planes)),
      workspaces_(std::make_unique<ObjectPool<Workspace>>()) {}

Result<TreeScorer> TreeScorer::open(const TreeModel& model, TreeScorerOptions options) {
  WINNOW_RETURN_IF_ERROR(model.check());
  const CpuLevel cpu = options.cpu.value_or(best_cpu_level());
  WINNOW_RETURN_IF_ERROR(check_cpu_level(cpu));
  return TreeScorer(model, tree_kernels(cpu));
}

void TreeScorer::margins(std::span<const float> rows, std::span<float> out) const {
  const std::size_t count = rows.size() / features_;
  WINNOW_CHECK(rows.size() == count * features_ && out.size() == count * outputs());
  const auto workspace = workspaces_->take();
  for (std::size_t begin = 0; begin < count; begin += kTreeRows) {
    const std::size_t size = std::min(kTreeRows, count - begin);
    score_block(rows.subspan(begin * features_, size * features_), *workspace,
                out.subspan(begin * outputs(), size * outputs()));
  }
}

void TreeScorer::predict(std::span<const float> rows, std::span<float> out) const {
  margins(rows, out);
  apply_link(link_, out, outputs());
}

void TreeScorer::score_block(std::span<const float> rows, Workspace& workspace, std::span<float> out) const {
  const std::size_t count = rows.size() / features_;
  // One column at least: tests that decide nothing read the first.
  workspace.codes.resize(std::max(plan_.columns.size(), std::size_t{1}) * kColumnCodes, 0);
  workspace.sums.resize(kTreeRows);
  for (std::size_t c = 0; c < plan_.columns.size(); ++c) {
    rank(plan_.columns[c], rows, workspace.codes.data() + c * kColumnCodes);
  }
  auto step = plan_.steps.begin();
  for (std::size_t output = 0; output < outputs(); ++output) {
    std::fill(workspace.sums.begin(), workspace.sums.end(), base_[output]);
    for (; step != plan_.steps.end() && step->output == output; ++step) {
      if (step->deep) {
        add_deep(*step, count, workspace);
      } else {
        kernels_->add_leaves(&plan_.blocks[step->first], step->count, workspace.codes.data(),
                             workspace.sums.data());
      }
    }
    for (std::size_t r = 0; r < count; ++r) out[r * outputs() + output] = workspace.sums[r];
  }
}

void TreeScorer::rank(const ThresholdColumn& column, std::span<const float> rows, std::uint8_t* codes) const {
  const std::size_t count = rows.size() / features_;
  const bool missing = kernels_->rank(column, rows.data(), features_, count, codes);
  std::uint8_t* const right = codes + kTreeRows;
  std::memcpy(right, codes, kTreeRows);
  if (!missing) return;
  for (std::size_t r = 0; r < count; ++r) {
    if (std::isnan(rows[r * features_ + column.feature])) right[kernels_->places[r]] = 255;
  }
}

void TreeScorer::add_deep(const TreeStep& step, std::size_t rows, Workspace& workspace) const {
  const bool at_once = step.count <= kMostBlocksAtOnce;
  const std::uint8_t* const codes = workspace.codes.data();
  if (at_once) {
    workspace.exits.resize(kMostBlocksAtOnce * kTreeRows);
    for (std::size_t b = 0; b < step.count; ++b) {
      kernels_->find_exits(plan_.blocks[step.first + b], codes, workspace.exits.data() + b * kTreeRows);
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t place = kernels_->places[r];
    std::size_t b = 0;
    for (;;) {
      const TreeBlock& block = plan_.blocks[step.first + b];
      const std::size_t exit =
          at_once ? workspace.exits[b * kTreeRows + place] : exit_of(block, codes, place);
      const std::uint32_t next = plan_.next[(step.first + b) * kBlockExits + exit];
      if (next == 0) {
        workspace.sums[r] += block.leaves[exit];
        break;
      }
      b = next;
    }
  }
}

}  // namespace winnow
