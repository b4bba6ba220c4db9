#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "base/random.h"
#include "math/dense.h"
#include "math/ridge.h"
#include "models/als/als.h"
#include "models/als/objective.h"
#include "models/option_range.h"

namespace winnow {

Status check_options(const AlsOptions& options) {
  if (options.dims < 16 || options.dims > 512 || options.dims % 16 != 0) {
    return outside_range("als.dims", options.dims, "a multiple of 16 from 16 to 512");
  }
  return first_error({in_range("als.epochs", options.epochs, 1, 1000),
                      in_range("als.unobserved_weight", options.unobserved_weight, 0, 1000),
                      above_zero("als.regularization", options.regularization, 1e6f),
                      in_range("als.frequency_exponent", options.frequency_exponent, 0, 2),
                      in_range("als.user_exponent", options.user_exponent, 0, 1),
                      in_range("als.confidence", options.confidence, 0, 1e6f),
                      in_range("als.cg_steps", options.cg_steps, 1, 100)});
}

namespace {

// One side's factors: rows x dims.
using Factors = AlignedFloats;

class AlsTrainer final {
 public:
  // team: null to train alone.
  AlsTrainer(const AlsOptions& options, const AlsObjective& objective, AlsTeam* team)
      : options_(options),
        objective_(objective),
        team_(team),
        solver_(options.dims),
        penalty_(options.dims) {}

  // Solves every row of `solved` against `fixed`, of which each row's terms count share[row] times (empty:
  // once). confidence: one per pair of `data`, the share included. Both sides are left in the eigenbasis of
  // fixed's weighted Gramian.
  Status half_epoch(const Interactions& data, std::span<const float> confidence, Factors& solved,
                    Factors& fixed, std::span<const float> share) {
    const std::uint32_t dims = options_.dims;
    const EigenBasis basis = eigen_basis(gramian(fixed, dims, share), dims);
    fixed = multiply(fixed, basis.vectors, dims);
    solved = multiply(solved, basis.vectors, dims);
    const std::vector<std::uint32_t> shares = shares_of_rows(data, team_ == nullptr ? 1 : team_->size());
    const std::uint32_t own = team_ == nullptr ? 0 : team_->rank();
    for (std::uint32_t row = shares[own]; row < shares[own + 1]; ++row) {
      const std::span<float> x = std::span(solved).subspan(std::size_t{row} * dims, dims);
      const auto columns = data.items_of(row);
      if (columns.empty()) {
        std::fill(x.begin(), x.end(), 0.0f);
        continue;
      }
      const auto of_row = confidence.subspan(data.offsets[row], columns.size());
      objective_.fill_penalty(basis.values, objective_.ridge(of_row, data.items), penalty_);
      const RidgeProblem problem{fixed, columns, of_row, penalty_};
      if (options_.exact) {
        std::ranges::copy(RidgeSolver::solve_exactly(problem), x.begin());
      } else {
        solver_.solve(problem, options_.cg_steps, x);
      }
    }
    if (team_ == nullptr) return {};
    std::vector<std::uint64_t> bounds;
    for (const std::uint32_t row : shares) bounds.push_back(std::uint64_t{row} * dims);
    return team_->exchange(solved, bounds);
  }

 private:
  AlsOptions options_;
  AlsObjective objective_;
  AlsTeam* team_;
  RidgeSolver solver_;
  std::vector<float> penalty_;
};

// Uniform with the variance 0.01 / dims that the literature starts from; far quicker than normal numbers.
Factors random_factors(std::uint32_t rows, std::uint32_t dims, std::uint64_t seed) {
  Random random(seed);
  const float width = 2 * 0.1f * std::sqrt(3.0f / static_cast<float>(dims));
  Factors out(std::size_t{rows} * dims);
  for (float& value : out) value = width * (static_cast<float>(random.uniform()) - 0.5f);
  return out;
}

// s of every user, and the scale that makes it 1 on average over all pairs.
struct Shares {
  std::vector<float> of_user;
  double scale = 1;
};

Shares user_shares(const Interactions& data, const AlsObjective& objective) {
  Shares out;
  out.of_user.resize(data.users);
  double sum = 0;
  for (std::uint32_t user = 0; user < data.users; ++user) {
    const std::size_t pairs = data.items_of(user).size();
    out.of_user[user] = pairs > 0 ? objective.share(pairs) : 0.0f;
    sum += static_cast<double>(out.of_user[user]) * static_cast<double>(pairs);
  }
  out.scale = static_cast<double>(data.size()) / sum;
  for (float& share : out.of_user) share *= static_cast<float>(out.scale);
  return out;
}

// From these first factors of the items on. options: checked, unobserved_weight resolved.
Result<AlsModel> train_from(Factors items, const Interactions& data, const AlsOptions& options,
                            const TrainProgress& progress, AlsTeam* team = nullptr) {
  const Interactions by_item = data.transposed();
  const double sum = std::accumulate(data.weight.begin(), data.weight.end(), 0.0);
  const auto mean_weight = static_cast<float>(sum / static_cast<double>(data.size()));
  const AlsObjective objective(options, mean_weight);
  const Shares shares = user_shares(data, objective);
  const std::span<const float> share = shares.of_user;
  std::vector<float> confidence(data.size());
  std::vector<float> confidence_by_item(data.size());
  for (std::size_t k = 0; k < data.size(); ++k) {
    confidence[k] = objective.confidence(data.weight[k]);
    confidence_by_item[k] = objective.confidence(by_item.weight[k]) * share[by_item.item[k]];
  }

  AlsTrainer trainer(options, objective, team);
  Factors users(std::size_t{data.users} * options.dims, 0.0f);
  const std::size_t half_epochs = 2 * std::size_t{options.epochs};
  for (std::size_t half = 0; half < half_epochs; ++half) {
    if (half % 2 == 0) {
      WINNOW_RETURN_IF_ERROR(trainer.half_epoch(data, confidence, users, items, {}));
    } else {
      WINNOW_RETURN_IF_ERROR(trainer.half_epoch(by_item, confidence_by_item, items, users, share));
    }
    if (progress && !progress(half + 1, half_epochs)) break;
  }
  AlsUserSide side{gramian(users, options.dims, share), data.users, shares.scale};
  return AlsModel(data.items, options, items, mean_weight, std::move(side));
}

}  // namespace

float density_weight(const Interactions& data) {
  const double pairs = static_cast<double>(data.users) * data.items;
  return static_cast<float>(AlsOptions::kUnobservedMass * static_cast<double>(data.size()) /
                            std::max(1.0, pairs));
}

std::vector<std::uint32_t> shares_of_rows(const Interactions& data, std::uint32_t members) {
  std::vector<std::uint32_t> bounds{0};
  for (std::uint32_t member = 1; member < members; ++member) {
    const std::uint64_t pairs = data.size() * member / members;
    const auto first = std::ranges::lower_bound(data.offsets, pairs);
    const auto row = static_cast<std::uint32_t>(first - data.offsets.begin());
    bounds.push_back(std::clamp(row, bounds.back(), data.users));
  }
  bounds.push_back(data.users);
  return bounds;
}

Result<AlsModel> train_als(const Interactions& data, const AlsOptions& given, const TrainProgress& progress,
                           AlsTeam* team) {
  WINNOW_RETURN_IF_ERROR(check_options(given));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  AlsOptions options = given;
  if (options.unobserved_weight == 0) options.unobserved_weight = density_weight(data);
  return train_from(random_factors(data.items, options.dims, options.seed), data, options, progress, team);
}

Result<AlsModel> refresh_als(const AlsModel& model, std::span<const std::uint32_t> model_row,
                             const Interactions& data, std::uint32_t epochs, const TrainProgress& progress) {
  AlsOptions options = model.options();
  options.epochs = epochs;
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  if (model_row.size() != data.items) {
    return Error{ErrorCode::invalid,
                 "the data have " + std::to_string(data.items) +
                     " items, but rows of the model are given for " + std::to_string(model_row.size()) +
                     "; give one for each",
                 "model_row"};
  }
  Factors items = random_factors(data.items, options.dims, options.seed);
  for (std::size_t item = 0; item < model_row.size(); ++item) {
    if (model_row[item] >= model.items()) continue;
    std::ranges::copy(model.item_vector(model_row[item]),
                      items.begin() + static_cast<std::ptrdiff_t>(item * options.dims));
  }
  return train_from(std::move(items), data, options, progress);
}

}  // namespace winnow
