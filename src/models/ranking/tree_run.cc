#include "models/ranking/tree_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/ranking/lambda_gradients.h"

namespace winnow {
namespace {

constexpr double kLeastRate = 1e-4;  // of positives, where margins begin
constexpr float kLeastHessian = 1e-16f;

double base_score(const TreeTrainOptions& options, const TreeRows& rows) {
  if (options.objective != TreeObjective::logistic) return 0;
  double positives = 0;
  double weight = 0;
  for (std::size_t r = 0; r < rows.count(); ++r) {
    positives += double{rows.weights[r]} * rows.labels[r];
    weight += rows.weights[r];
  }
  return std::clamp(positives / weight, kLeastRate, 1 - kLeastRate);
}

// The objective is never asked for gradients: it says how margins begin, and what predictions make of them.
XgboostParameters parameters_of(const TreeTrainOptions& options, double base) {
  const bool logistic = options.objective == TreeObjective::logistic;
  const auto text = [](const auto& value) { return fmt::format("{}", value); };
  return {{"objective", logistic ? "binary:logistic" : "reg:squarederror"},
          {"base_score", text(base)},
          {"tree_method", "hist"},
          {"max_depth", text(options.depth)},
          {"eta", text(options.learning_rate)},
          {"min_child_weight", text(options.min_child_weight)},
          {"lambda", text(options.l2)},
          {"subsample", text(options.row_share)},
          {"colsample_bytree", text(options.column_share)},
          {"max_bin", text(options.bins)},
          {"seed", text(options.seed)},
          {"nthread", text(options.threads)},
          {"verbosity", "0"}};
}

void logistic_gradients(const TreeRows& rows, std::span<const float> margins, std::span<float> gradients,
                        std::span<float> hessians) {
  for (std::size_t r = 0; r < rows.count(); ++r) {
    const float p = 1 / (1 + std::exp(-margins[r]));
    gradients[r] = rows.weights[r] * (p - rows.labels[r]);
    hessians[r] = rows.weights[r] * std::max(p * (1 - p), kLeastHessian);
  }
}

void ranking_gradients(const TreeTrainOptions& options, const TreeRows& rows,
                       const std::vector<float>& margins, std::span<float> gradients,
                       std::span<float> hessians) {
  const LambdaOptions lambda{options.truncation, options.grades};
  for (std::size_t g = 0; g + 1 < rows.groups.size(); ++g) {
    const std::size_t from = rows.groups[g];
    const std::size_t count = rows.groups[g + 1] - from;
    lambda_gradients(rows.of_group(margins, g), rows.of_group(rows.labels, g), lambda,
                     gradients.subspan(from, count), hessians.subspan(from, count));
  }
  for (std::size_t r = 0; r < rows.count(); ++r) {
    gradients[r] *= rows.weights[r];
    hessians[r] *= rows.weights[r];
  }
}

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

TreeLoss loss_of(const TreeTrainOptions& options, const TreeRows& rows, const std::vector<float>& margins) {
  TreeLoss out;
  if (options.objective == TreeObjective::logistic) {
    for (std::size_t r = 0; r < rows.count(); ++r) {
      out.sum += rows.weights[r] * (softplus(margins[r]) - double{rows.labels[r]} * margins[r]);
      out.weight += rows.weights[r];
    }
    return out;
  }
  for (std::size_t g = 0; g + 1 < rows.groups.size(); ++g) {
    const double ndcg =
        graded_ndcg(rows.of_group(margins, g), rows.of_group(rows.labels, g), options.ndcg_k, options.grades);
    if (ndcg < 0) continue;
    out.sum += 1 - ndcg;
    ++out.weight;
  }
  return out;
}

}  // namespace

TreeRows tree_rows(const RankingSet& set, std::uint32_t head, std::span<const std::uint32_t> groups) {
  TreeRows out;
  for (const std::uint32_t group : groups) {
    for (std::uint64_t r = set.groups[group]; r < set.groups[group + 1]; ++r) {
      const float label = set.labels_of(r)[head];
      if (std::isnan(label)) continue;
      const auto row = set.row(r);
      out.values.insert(out.values.end(), row.begin(), row.end());
      out.labels.push_back(label);
      out.weights.push_back(set.weights[r]);
    }
    if (out.count() > out.groups.back()) out.groups.push_back(out.count());
  }
  return out;
}

TreeRun::TreeRun(const TreeTrainOptions& options, TreeRows train, TreeRows held_out,
                 std::unique_ptr<XgboostMatrix> train_matrix, std::unique_ptr<XgboostMatrix> held_out_matrix,
                 XgboostBooster booster)
    : options_(&options),
      train_(std::move(train)),
      held_out_(std::move(held_out)),
      train_matrix_(std::move(train_matrix)),
      held_out_matrix_(std::move(held_out_matrix)),
      booster_(std::move(booster)),
      gradients_(train_.count()),
      hessians_(train_.count()) {}

Result<TreeRun> TreeRun::start(const XgboostLibrary& library, const TreeTrainOptions& options, TreeRows train,
                               TreeRows held_out) {
  if (train.count() == 0)
    return Error{ErrorCode::invalid, "no row to learn from has a label of the head", "trees"};
  const std::size_t columns = train.values.size() / train.count();
  const auto copy = [&](TreeRows& rows) -> Result<std::unique_ptr<XgboostMatrix>> {
    if (rows.count() == 0) return std::unique_ptr<XgboostMatrix>();
    WINNOW_TRY(XgboostMatrix matrix, XgboostMatrix::create(library, rows.values, columns));
    rows.values = {};  // the library has its own
    return std::make_unique<XgboostMatrix>(std::move(matrix));
  };
  const double base = base_score(options, train);
  WINNOW_TRY(std::unique_ptr<XgboostMatrix> train_matrix, copy(train));
  WINNOW_TRY(std::unique_ptr<XgboostMatrix> held_out_matrix, copy(held_out));
  std::vector<const XgboostMatrix*> matrices = {train_matrix.get()};
  if (held_out_matrix) matrices.push_back(held_out_matrix.get());
  WINNOW_TRY(XgboostBooster booster, XgboostBooster::create(matrices, parameters_of(options, base)));
  return TreeRun(options, std::move(train), std::move(held_out), std::move(train_matrix),
                 std::move(held_out_matrix), std::move(booster));
}

Status TreeRun::round() {
  WINNOW_TRY(const std::vector<float> margins,
             booster_.predict(*train_matrix_, XgboostBooster::Output::margins));
  if (options_->objective == TreeObjective::logistic) {
    logistic_gradients(train_, margins, gradients_, hessians_);
  } else {
    ranking_gradients(*options_, train_, margins, gradients_, hessians_);
  }
  return booster_.boost(*train_matrix_, gradients_, hessians_);
}

Result<TreeLoss> TreeRun::held_out_loss() const {
  if (!held_out_matrix_) return TreeLoss{};
  WINNOW_TRY(const std::vector<float> margins,
             booster_.predict(*held_out_matrix_, XgboostBooster::Output::margins));
  return loss_of(*options_, held_out_, margins);
}

}  // namespace winnow
