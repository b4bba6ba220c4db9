#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "math/dense.h"
#include "math/sparse_rows.h"
#include "math/vector_kernels.h"
#include "models/graph/adam.h"
#include "models/graph/graph.h"
#include "models/graph/propagation.h"
#include "models/graph/softmax_users.h"
#include "models/graph/spectral.h"
#include "models/item_to_item/item_to_item.h"

namespace winnow {
namespace {

constexpr std::uint32_t kLandmarks = 4096;

Status check_options(const GraphOptions& options) {
  const auto invalid = [](std::string field, const auto& value, std::string allowed) {
    return Error{ErrorCode::invalid, field + " is " + std::to_string(value) + "; give " + allowed, field};
  };
  if (options.dims < 2 || options.dims > 1024) return invalid("graph.dims", options.dims, "2 to 1024");
  if (options.epochs < 1 || options.epochs > 10'000)
    return invalid("graph.epochs", options.epochs, "1 to 10000");
  if (options.batch_users < 1 || options.batch_users > 65'536) {
    return invalid("graph.batch_users", options.batch_users, "1 to 65536");
  }
  if (options.negatives < 1 || options.negatives > 1'000'000) {
    return invalid("graph.negatives", options.negatives, "1 to 1000000");
  }
  if (!(options.learning_rate > 0 && options.learning_rate <= 10)) {
    return invalid("graph.learning_rate", options.learning_rate, "a number above 0, at most 10");
  }
  if (!(options.temperature >= 0.02f && options.temperature <= 10)) {
    return invalid("graph.temperature", options.temperature, "a number from 0.02 to 10");
  }
  if (!(options.neighbour_share >= 0 && options.neighbour_share <= 1)) {
    return invalid("graph.neighbour_share", options.neighbour_share, "a number from 0 to 1");
  }
  if (!(options.user_exponent >= 0 && options.user_exponent <= 1)) {
    return invalid("graph.user_exponent", options.user_exponent, "a number from 0 to 1");
  }
  if (!(options.popularity_exponent >= 0 && options.popularity_exponent <= 2)) {
    return invalid("graph.popularity_exponent", options.popularity_exponent, "a number from 0 to 2");
  }
  return {};
}

// Few users are learned from in batches that are small enough for an epoch to have this many.
std::uint32_t batch_size(const Interactions& data, const GraphOptions& options) {
  constexpr std::uint32_t kBatches = 16;
  constexpr std::uint32_t kLeast = 32;
  return std::min(options.batch_users, std::max(kLeast, data.users / kBatches));
}

// Vectors keep a last dimension of zeros while they are learned: it becomes that of popularity.
class GraphTrainer final {
 public:
  // linear: the nearest items of each, of data.
  GraphTrainer(const Interactions& data, const GraphOptions& options, const ItemToItemModel& linear)
      : data_(data),
        options_(options),
        linear_(linear),
        dims_(options.dims),
        batch_users_(batch_size(data, options)),
        random_(options.seed),
        parameters_(first_vectors()),
        optimiser_(parameters_.size()),
        kept_sums_(data.items),
        shuffled_(data.items) {
    users_.assign(std::size_t{data.users} * dims_, 0.0f);
    std::iota(shuffled_.begin(), shuffled_.end(), 0u);
    for (std::uint32_t item = 0; item < data.items; ++item) {
      for (const ScoredRow& keeper : linear.neighbours(item)) kept_sums_[keeper.item] += keeper.score;
    }
  }

  GraphModel run(const TrainProgress& progress) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t user = 0; user < data_.users; ++user) {
      if (!data_.items_of(user).empty()) order.push_back(user);
    }
    const std::size_t batches = (order.size() + batch_users_ - 1) / batch_users_;
    const std::size_t steps = batches * options_.epochs;
    bool stopped = false;
    for (std::size_t step = 0; step < steps && !stopped; ++step) {
      const std::size_t begin = step % batches * batch_users_;
      if (begin == 0) random_.shuffle(order);
      const double turn = std::numbers::pi * static_cast<double>(step) / static_cast<double>(steps);
      const float rate = options_.learning_rate * 0.5f * static_cast<float>(1 + std::cos(turn));
      learn_from(std::span(order).subspan(begin, std::min<std::size_t>(batch_users_, order.size() - begin)),
                 rate);
      stopped = progress && !progress(step + 1, steps);
    }
    return model();
  }

 private:
  std::span<float> row(AlignedFloats& vectors, std::size_t r) const {
    return std::span(vectors).subspan(r * dims_, dims_);
  }

  // As large as the learned ones; a little noise fills dimensions beyond the number of items.
  AlignedFloats first_vectors() {
    constexpr double kSize = 0.1;
    constexpr std::uint32_t kIterations = 8;
    const std::uint32_t smooth_dims = std::min(dims_ - 1, data_.items);
    const AlignedFloats smoothest =
        leading_eigenvectors(Propagation(data_), data_.items, smooth_dims, kIterations, options_.seed);
    const double scale = kSize * std::sqrt(static_cast<double>(data_.items));
    AlignedFloats out(std::size_t{data_.items} * dims_);
    for (std::uint32_t item = 0; item < data_.items; ++item) {
      const auto own = row(out, item);
      for (float& value : own) value = static_cast<float>(0.1 * kSize * random_.normal());
      axpy(static_cast<float>(scale),
           std::span(smoothest).subspan(std::size_t{item} * smooth_dims, smooth_dims),
           own.first(smooth_dims));
      own.back() = 0;
    }
    return out;
  }

  void learn_from(std::span<const std::uint32_t> users, float rate) {
    answers_ = parameters_;
    const std::vector<float> lengths = normalise_rows(answers_, dims_);
    const AlignedFloats drawn = draw(options_.negatives);
    const AlignedFloats means = means_of(users);
    AlignedFloats batch = vectors_of(users, means);
    Softmaxes softmaxes = softmaxes_of(batch, drawn, dims_, options_.temperature);

    AlignedFloats moved = batch;
    move_towards(means, softmaxes, drawn, moved);
    for (std::size_t u = 0; u < users.size(); ++u)
      std::ranges::copy(row(moved, u), row(users_, users[u]).begin());

    AlignedFloats gradient = differentiate(users, batch, softmaxes);
    unnormalise_gradient(answers_, lengths, dims_, gradient);
    optimiser_.step(gradient, rate, parameters_);
  }

  // The mean answer of what each user chose: users x dims.
  AlignedFloats means_of(std::span<const std::uint32_t> users) {
    AlignedFloats out(users.size() * dims_);
    std::vector<float> shares;
    for (std::size_t u = 0; u < users.size(); ++u) {
      const auto weights = data_.weights_of(users[u]);
      shares.assign(weights.begin(), weights.end());
      const float sum = std::accumulate(shares.begin(), shares.end(), 0.0f);
      for (float& share : shares) share /= sum;
      sum_rows(answers_, data_.items_of(users[u]), shares, row(out, u));
    }
    return out;
  }

  // Where the users were left, and on their first turn the direction of their means: users x dims.
  AlignedFloats vectors_of(std::span<const std::uint32_t> users, const AlignedFloats& means) {
    AlignedFloats out = means;
    normalise_rows(out, dims_);
    for (std::size_t u = 0; u < users.size(); ++u) {
      const auto left = row(users_, users[u]);
      if (dot(left, left) > 0) std::ranges::copy(left, row(out, u).begin());
    }
    return out;
  }

  // The slope of the batch's mean loss by the answers, which spoils the softmaxes. A chosen item has -w x_u /
  // temperature, and an item under the softmax p its share of the same: p (sum of the chosen's w) x_u.
  AlignedFloats differentiate(std::span<const std::uint32_t> users, AlignedFloats& batch,
                              Softmaxes& softmaxes) {
    AlignedFloats pulls;
    pulls.assign(answers_.size(), 0.0f);
    const std::size_t width = softmaxes.weights.size() / users.size();
    for (std::size_t u = 0; u < users.size(); ++u) {
      const auto chosen = data_.items_of(users[u]);
      const auto weights = data_.weights_of(users[u]);
      const float scale = std::pow(static_cast<float>(chosen.size()), -options_.user_exponent) /
                          (options_.temperature * static_cast<float>(users.size()));
      float sum = 0;
      for (std::size_t k = 0; k < chosen.size(); ++k) {
        axpy(scale * weights[k], row(batch, u), row(pulls, chosen[k]));
        sum += weights[k];
      }
      const float share = scale * sum / softmaxes.sums[u];
      for (float& value : std::span(softmaxes.weights).subspan(u * width, width)) value *= share;
    }
    AlignedFloats out = slope_of(pulls);
    const AlignedFloats of_drawn =
        multiply_left_transposed(softmaxes.weights, batch, static_cast<std::uint32_t>(users.size()));
    for (std::size_t n = 0; n < width; ++n) {
      axpy(1.0f, std::span(of_drawn).subspan(n * dims_, dims_), row(out, shuffled_[n]));
    }
    return out;
  }

  // What users pull items by, shared with the items nearest to those, as a slope: items x dims.
  AlignedFloats slope_of(AlignedFloats& pulls) const {
    AlignedFloats out;
    out.assign(pulls.size(), 0.0f);
    for (std::uint32_t item = 0; item < data_.items; ++item) {
      const float own = kept_sums_[item] > 0 ? 1 - options_.neighbour_share : 1.0f;
      axpy(-own, row(pulls, item), row(out, item));
      for (const ScoredRow& keeper : linear_.neighbours(item)) {
        axpy(-options_.neighbour_share * keeper.score / kept_sums_[keeper.item], row(pulls, keeper.item),
             row(out, item));
      }
    }
    return out;
  }

  // The answers of as many items, no more than there are, without replacement: the first of shuffled_.
  AlignedFloats draw(std::uint32_t wanted) {
    const std::uint32_t count = std::min(wanted, data_.items);
    AlignedFloats out(std::size_t{count} * dims_);
    for (std::uint32_t n = 0; n < count; ++n) {
      std::swap(shuffled_[n], shuffled_[n + random_.below(data_.items - n)]);
      std::ranges::copy(row(answers_, shuffled_[n]), row(out, n).begin());
    }
    return out;
  }

  GraphModel model() {
    answers_ = parameters_;
    normalise_rows(answers_, dims_);
    AlignedFloats landmarks = draw(kLandmarks);
    std::vector<float> degree(data_.items);
    for (const std::uint32_t item : data_.item) ++degree[item];
    for (std::uint32_t item = 0; item < data_.items; ++item) {
      row(answers_, item).back() =
          options_.temperature * options_.popularity_exponent * std::log(std::max(1.0f, degree[item]));
    }
    return {dims_,
            options_.temperature,
            {std::move(answers_), std::move(landmarks)},
            options_.history_half_life_days};
  }

  const Interactions& data_;
  const GraphOptions& options_;
  const ItemToItemModel& linear_;
  std::uint32_t dims_;
  std::uint32_t batch_users_;
  Random random_;
  AlignedFloats parameters_;  // items x dims
  Adam optimiser_;
  AlignedFloats answers_;                // the parameters' rows scaled to length 1
  AlignedFloats users_;                  // users x dims, of length 1; zeros before a user's first turn
  std::vector<float> kept_sums_;         // of an item's likeness to those nearest to it
  std::vector<std::uint32_t> shuffled_;  // all items, those drawn last first
};

}  // namespace

Result<GraphModel> train_graph(const Interactions& data, const GraphOptions& options,
                               const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  WINNOW_TRY(const ItemToItemModel linear,
             train_item_to_item(
                 data, {.neighbours = options.neighbours, .popularity_exponent = 0.5f, .user_exponent = 1}));
  return GraphTrainer(data, options, linear).run(progress);
}

}  // namespace winnow
