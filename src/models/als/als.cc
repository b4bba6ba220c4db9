#include "models/als/als.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "math/dense.h"
#include "math/ridge.h"
#include "math/vector_kernels.h"
#include "models/als/objective.h"
#include "models/encoding.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WALS";
constexpr std::uint32_t kFormat = 2;  // 1 had no user side

// From a start at zero; the remaining error is far below what changes a ranking (als_test measures it), and
// it costs a few microseconds.
constexpr std::uint32_t kFoldInSteps = 12;

}  // namespace

AlsModel::AlsModel(std::uint32_t items, AlsOptions options, std::span<const float> factors, float mean_weight,
                   AlsUserSide users)
    : items_(items), options_(options), mean_weight_(mean_weight), users_(std::move(users)) {
  const std::uint32_t dims = options.dims;
  WINNOW_CHECK(factors.size() == std::size_t{items} * dims);
  WINNOW_CHECK(users_.gramian.empty() || users_.gramian.size() == std::size_t{dims} * dims);
  EigenBasis basis = eigen_basis(gramian(factors, dims), dims);
  factors_ = multiply(factors, basis.vectors, dims);
  eigenvalues_ = std::move(basis.values);
  if (users_.gramian.empty()) return;
  const AlignedFloats half = multiply(users_.gramian, basis.vectors, dims);
  const AlignedFloats turned = multiply_left_transposed(basis.vectors, half, dims);
  users_.gramian.assign(turned.begin(), turned.end());
}

std::vector<float> AlsModel::fold_in(std::span<const HistoryEntry> history) const {
  const AlsObjective objective(options_, mean_weight_);
  std::vector<std::uint32_t> rows;
  std::vector<float> confidence;
  rows.reserve(history.size());
  confidence.reserve(history.size());
  for (const HistoryEntry& entry : history) {
    if (entry.item >= items_ || !(entry.weight > 0)) continue;
    rows.push_back(entry.item);
    confidence.push_back(objective.confidence(entry.weight));
  }
  std::vector<float> user(options_.dims);
  if (rows.empty()) return user;
  std::vector<float> penalty(options_.dims);
  objective.fill_penalty(eigenvalues_, objective.ridge(confidence, items_), penalty);
  RidgeSolver solver(options_.dims);
  solver.solve({factors_, rows, confidence, penalty}, kFoldInSteps, user);
  return user;
}

std::vector<float> AlsModel::fold_in_item(std::span<const ItemUser> users) const {
  if (users.empty() || users_.gramian.empty()) return {};
  const AlsObjective objective(options_, mean_weight_);
  const std::size_t n = dims();
  std::vector<float> system(n * n);
  for (std::size_t k = 0; k < system.size(); ++k) system[k] = options_.unobserved_weight * users_.gramian[k];
  std::vector<float> factor(n, 0.0f);
  float sum = 0;
  for (const ItemUser& user : users) {
    WINNOW_CHECK(user.vector.size() == n);
    const float confidence =
        objective.confidence(user.weight) * objective.share(user.items, users_.share_scale);
    sum += confidence;
    axpy(confidence, user.vector, factor);
    for (std::size_t row = 0; row < n; ++row) {
      // Of the symmetric matrix the lower triangle is enough.
      axpy(confidence * user.vector[row], user.vector.first(row + 1),
           std::span(system).subspan(row * n, row + 1));
    }
  }
  const float ridge =
      objective.ridge_of_mass(sum + options_.unobserved_weight * static_cast<float>(users_.users));
  for (std::size_t k = 0; k < n; ++k) system[k * n + k] += ridge;
  return solve_positive_definite(system, factor) ? factor : std::vector<float>();
}

std::string AlsModel::encode() const {
  ByteWriter out = begin_model(kTag, kFormat);
  out.fixed(items_);
  out.fixed(options_.dims);
  out.fixed(options_.epochs);
  out.fixed(options_.unobserved_weight);
  out.fixed(options_.regularization);
  out.fixed(options_.frequency_exponent);
  out.fixed(options_.user_exponent);
  out.fixed(options_.confidence);
  out.fixed(options_.cg_steps);
  out.fixed(static_cast<std::uint8_t>(options_.exact));
  out.fixed(options_.seed);
  out.fixed(mean_weight_);
  out.array<float>(eigenvalues_);
  out.array<float>(users_.gramian);
  out.fixed(users_.users);
  out.fixed(users_.share_scale);
  out.array<float>(factors_);
  return out.take();
}

Result<AlsModel> AlsModel::decode(std::string_view bytes) {
  WINNOW_TRY(ByteReader in, open_model(bytes, kTag, kFormat, "als"));
  AlsModel model;
  model.items_ = in.fixed<std::uint32_t>();
  model.options_.dims = in.fixed<std::uint32_t>();
  model.options_.epochs = in.fixed<std::uint32_t>();
  model.options_.unobserved_weight = in.fixed<float>();
  model.options_.regularization = in.fixed<float>();
  model.options_.frequency_exponent = in.fixed<float>();
  model.options_.user_exponent = in.fixed<float>();
  model.options_.confidence = in.fixed<float>();
  model.options_.cg_steps = in.fixed<std::uint32_t>();
  model.options_.exact = in.fixed<std::uint8_t>() != 0;
  model.options_.seed = in.fixed<std::uint64_t>();
  model.mean_weight_ = in.fixed<float>();
  model.eigenvalues_ = in.array<float>();
  model.users_.gramian = in.array<float>();
  model.users_.users = in.fixed<std::uint32_t>();
  model.users_.share_scale = in.fixed<double>();
  const std::vector<float> factors = in.array<float>();
  model.factors_.assign(factors.begin(), factors.end());
  const auto finite = [](float value) { return std::isfinite(value); };
  if (in.failed() || !in.at_end() || !check_options(model.options_).ok() || !(model.mean_weight_ > 0) ||
      !finite(model.mean_weight_) || model.eigenvalues_.size() != model.options_.dims ||
      model.factors_.size() != std::size_t{model.items_} * model.options_.dims ||
      !std::all_of(model.eigenvalues_.begin(), model.eigenvalues_.end(), finite) ||
      (!model.users_.gramian.empty() &&
       model.users_.gramian.size() != std::size_t{model.options_.dims} * model.options_.dims) ||
      !std::all_of(model.users_.gramian.begin(), model.users_.gramian.end(), finite) ||
      !(model.users_.share_scale >= 0) || !std::isfinite(model.users_.share_scale) ||
      !std::all_of(model.factors_.begin(), model.factors_.end(), finite)) {
    return corrupt_model("als");
  }
  return model;
}

}  // namespace winnow
