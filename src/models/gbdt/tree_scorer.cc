#include "models/gbdt/tree_scorer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/check.h"

namespace winnow {
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
      if (step->deep != TreeStep::kShallow) {
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
  const std::uint8_t* const codes = workspace.codes.data();
  alignas(64) std::array<std::uint8_t, kTreeRows> exits;
  kernels_->find_exits(plan_.blocks[step.first], codes, exits.data());
  std::array<std::uint32_t, kTreeRows> at{};
  for (std::size_t r = 0; r < rows; ++r) at[r] = plan_.entries[step.deep + exits[kernels_->places[r]]];
  // All rows go down a level before any goes further, so that they do not wait for each other's memory.
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t r = 0; r < rows; ++r) {
      const LowerNode& node = plan_.lower[at[r]];
      const bool right = codes[node.codes + kernels_->places[r]] + node.inverted >= 255;
      at[r] = node.left + (static_cast<unsigned>(right) & node.branches);
      moved = moved || node.branches != 0;
    }
  }
  for (std::size_t r = 0; r < rows; ++r) workspace.sums[r] += plan_.lower[at[r]].value;
}

}  // namespace winnow
