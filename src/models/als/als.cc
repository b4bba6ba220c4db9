#include "models/als/als.h"

#include <algorithm>
#include <cmath>

#include "math/dense.h"
#include "math/ridge.h"
#include "math/vector_kernels.h"
#include "models/als/objective.h"
#include "models/encoding.h"

namespace winnow {
namespace {

constexpr std::string_view kTag = "WALS";
constexpr std::uint32_t kFormat = 1;

// From a start at zero; the remaining error is far below what changes a ranking (als_test measures it), and
// it costs a few microseconds.
constexpr std::uint32_t kFoldInSteps = 12;

}  // namespace

AlsModel::AlsModel(std::uint32_t items, AlsOptions options, std::span<const float> factors, float mean_weight)
    : items_(items), options_(options), mean_weight_(mean_weight) {
  WINNOW_CHECK(factors.size() == std::size_t{items} * options.dims);
  EigenBasis basis = eigen_basis(gramian(factors, options.dims), options.dims);
  factors_ = multiply(factors, basis.vectors, options.dims);
  eigenvalues_ = std::move(basis.values);
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

void AlsModel::score_all(std::span<const float> user, std::span<float> scores) const {
  WINNOW_CHECK(user.size() == dims() && scores.size() == items_);
  score_rows(factors_, user, scores);
}

void AlsModel::score_all(std::span<const std::span<const HistoryEntry>> histories,
                         std::span<float> scores) const {
  WINNOW_CHECK(scores.size() == histories.size() * items_);
  std::vector<float> users;
  users.reserve(histories.size() * dims());
  for (const auto history : histories) {
    const std::vector<float> user = fold_in(history);
    users.insert(users.end(), user.begin(), user.end());
  }
  multiply_transposed(users, factors_, dims(), scores);
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
  const std::vector<float> factors = in.array<float>();
  model.factors_.assign(factors.begin(), factors.end());
  const auto finite = [](float value) { return std::isfinite(value); };
  if (in.failed() || !in.at_end() || !check_options(model.options_).ok() || !(model.mean_weight_ > 0) ||
      !finite(model.mean_weight_) || model.eigenvalues_.size() != model.options_.dims ||
      model.factors_.size() != std::size_t{model.items_} * model.options_.dims ||
      !std::all_of(model.eigenvalues_.begin(), model.eigenvalues_.end(), finite) ||
      !std::all_of(model.factors_.begin(), model.factors_.end(), finite)) {
    return corrupt_model("als");
  }
  return model;
}

}  // namespace winnow
