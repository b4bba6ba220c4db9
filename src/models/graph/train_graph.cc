#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "math/aligned.h"
#include "math/dense.h"
#include "math/exponentials.h"
#include "math/sparse_rows.h"
#include "math/vector_kernels.h"
#include "models/graph/adam.h"
#include "models/graph/graph.h"
#include "models/graph/propagation.h"
#include "models/graph/spectral.h"

namespace winnow {
namespace {

Status check_options(const GraphOptions& options) {
  const auto invalid = [](std::string field, const auto& value, std::string allowed) {
    return Error{ErrorCode::invalid, field + " is " + std::to_string(value) + "; give " + allowed, field};
  };
  if (options.dims < 1 || options.dims > 1024) return invalid("graph.dims", options.dims, "1 to 1024");
  if (options.layers > 8) return invalid("graph.layers", options.layers, "0 to 8");
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
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    return invalid("graph.dropout", options.dropout, "a number from 0, below 1");
  }
  if (!(options.item_exponent >= 0 && options.item_exponent <= 2)) {
    return invalid("graph.item_exponent", options.item_exponent, "a number from 0 to 2");
  }
  if (!(options.user_exponent >= 0 && options.user_exponent <= 1)) {
    return invalid("graph.user_exponent", options.user_exponent, "a number from 0 to 1");
  }
  return {};
}

// Scales every row to length 1; returns the lengths before. A row of zeros stays.
std::vector<float> normalise_rows(std::span<float> matrix, std::uint32_t dims) {
  std::vector<float> lengths(matrix.size() / dims);
  for (std::size_t r = 0; r < lengths.size(); ++r) {
    const auto row = matrix.subspan(r * dims, dims);
    lengths[r] = std::max(1e-12f, std::sqrt(dot(row, row)));
    for (float& value : row) value /= lengths[r];
  }
  return lengths;
}

// From the gradient of normalised rows to that of the rows before they were normalised.
void unnormalise_gradient(std::span<const float> normalised, std::span<const float> lengths,
                          std::uint32_t dims, std::span<float> gradient) {
  for (std::size_t r = 0; r < lengths.size(); ++r) {
    const auto row = normalised.subspan(r * dims, dims);
    const auto slope = gradient.subspan(r * dims, dims);
    axpy(-dot(row, slope), row, slope);
    for (float& value : slope) value /= lengths[r];
  }
}

class GraphTrainer final {
 public:
  GraphTrainer(const Interactions& data, const GraphOptions& options)
      : data_(data),
        options_(options),
        dims_(options.dims),
        negatives_(std::min(options.negatives, data.items)),
        random_(options.seed),
        propagation_(data, options.layers),
        spoken_scale_(data.items) {
    std::vector<float> degree(data.items);
    for (const std::uint32_t item : data.item) ++degree[item];
    for (std::uint32_t item = 0; item < data.items; ++item) {
      spoken_scale_[item] = std::pow(std::max(1.0f, degree[item]), -options.item_exponent);
    }
    for (int k = options.shared ? 1 : 0; k < 2; ++k) {
      parameters_.push_back(first_vectors());
      optimisers_.emplace_back(parameters_.back().size());
    }
    items_.resize(data.items);
    std::iota(items_.begin(), items_.end(), 0u);
  }

  ItemVectorsModel run(const TrainProgress& progress) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t user = 0; user < data_.users; ++user) {
      if (!data_.items_of(user).empty()) order.push_back(user);
    }
    const std::size_t batches = (order.size() + options_.batch_users - 1) / options_.batch_users;
    const std::size_t steps = batches * options_.epochs;
    bool stopped = false;
    for (std::size_t step = 0; step < steps && !stopped; ++step) {
      const std::size_t batch = step % batches;
      if (batch == 0) random_.shuffle(order);
      const double turn = std::numbers::pi * static_cast<double>(step) / static_cast<double>(steps);
      const float rate = options_.learning_rate * 0.5f * static_cast<float>(1 + std::cos(turn));
      const std::size_t begin = batch * options_.batch_users;
      learn_from(
          std::span(order).subspan(begin, std::min<std::size_t>(options_.batch_users, order.size() - begin)),
          rate);
      stopped = progress && !progress(step + 1, steps);
    }
    smooth();
    for (std::uint32_t item = 0; item < data_.items; ++item) {
      for (float& value : row(spoken_, item)) value *= spoken_scale_[item];
    }
    return {dims_, std::move(spoken_), std::move(answers_), options_.history_half_life_days};
  }

 private:
  // One batch of users as it is learned from: vectors and their gradients.
  struct Batch {
    std::vector<std::vector<std::uint32_t>> heard;  // by user: history entries that were not dropped
    AlignedFloats users;                            // of length 1
    std::vector<float> lengths;                     // before
    AlignedFloats gradient;                         // of the loss by `users`
  };

  std::span<float> row(AlignedFloats& vectors, std::size_t r) const {
    return std::span(vectors).subspan(r * dims_, dims_);
  }

  // The graph's smoothest vectors are a far better start than random ones, as large as those; a little noise
  // lets E and F part, and fills dimensions beyond the number of items.
  AlignedFloats first_vectors() {
    constexpr double kSize = 0.1;
    constexpr std::uint32_t kIterations = 8;
    const std::uint32_t smooth_dims = std::min(dims_, data_.items);
    const AlignedFloats smoothest =
        leading_eigenvectors(propagation_, data_.items, smooth_dims, kIterations, options_.seed);
    const double scale = kSize * std::sqrt(static_cast<double>(data_.items));
    AlignedFloats out(std::size_t{data_.items} * dims_);
    for (float& value : out) value = static_cast<float>(0.1 * kSize * random_.normal());
    for (std::uint32_t item = 0; item < data_.items; ++item) {
      axpy(static_cast<float>(scale),
           std::span(smoothest).subspan(std::size_t{item} * smooth_dims, smooth_dims),
           row(out, item).first(smooth_dims));
    }
    return out;
  }

  void smooth() {
    spoken_ = propagation_.smooth(parameters_.front(), dims_);
    answers_ = options_.shared ? spoken_ : propagation_.smooth(parameters_.back(), dims_);
    answer_lengths_ = normalise_rows(answers_, dims_);
  }

  void learn_from(std::span<const std::uint32_t> users, float rate) {
    smooth();
    Batch batch = fold_in(users);
    AlignedFloats answers_gradient;
    answers_gradient.assign(answers_.size(), 0.0f);
    differentiate(users, batch, answers_gradient);
    unnormalise_gradient(answers_, answer_lengths_, dims_, answers_gradient);

    unnormalise_gradient(batch.users, batch.lengths, dims_, batch.gradient);
    AlignedFloats spoken_gradient;
    if (options_.shared) {
      spoken_gradient = std::move(answers_gradient);
    } else {
      spoken_gradient.assign(spoken_.size(), 0.0f);
      descend(1, answers_gradient, rate);
    }
    for (std::size_t u = 0; u < users.size(); ++u) {
      for (const std::uint32_t item : batch.heard[u]) {
        axpy(spoken_scale_[item], row(batch.gradient, u), row(spoken_gradient, item));
      }
    }
    descend(0, spoken_gradient, rate);
  }

  void descend(std::size_t which, const AlignedFloats& gradient, float rate) {
    optimisers_[which].step(propagation_.smooth(gradient, dims_), rate, parameters_[which]);
  }

  Batch fold_in(std::span<const std::uint32_t> users) {
    Batch batch;
    batch.heard.resize(users.size());
    batch.users.resize(users.size() * dims_);
    std::vector<float> weights;
    for (std::size_t u = 0; u < users.size(); ++u) {
      weights.clear();
      for (const std::uint32_t item : data_.items_of(users[u])) {
        if (random_.uniform() < options_.dropout) continue;
        batch.heard[u].push_back(item);
        weights.push_back(spoken_scale_[item]);
      }
      sum_rows(spoken_, batch.heard[u], weights, row(batch.users, u));
    }
    batch.lengths = normalise_rows(batch.users, dims_);
    return batch;
  }

  // Fills batch.gradient and adds to answers_gradient the loss's slopes, as means over the batch's users.
  // With e = exp(score / temperature), Z = the estimated sum over all items and w = n^-user_exponent, a
  // chosen item's score has the slope -w Z / (e + Z) / temperature, and every item's, through Z, the slope w
  // e' / temperature * sum over the chosen of 1 / (e + Z).
  void differentiate(std::span<const std::uint32_t> users, Batch& batch, AlignedFloats& answers_gradient) {
    const std::size_t count = users.size();
    const AlignedFloats drawn = draw_answers();
    AlignedFloats slopes(count * negatives_);
    multiply_transposed(batch.users, drawn, dims_, slopes);
    batch.gradient.assign(count * dims_, 0.0f);
    const float sharpness = 1 / options_.temperature;
    const float represents = static_cast<float>(data_.items) / static_cast<float>(negatives_);
    for (std::size_t u = 0; u < count; ++u) {
      const auto chosen = data_.items_of(users[u]);
      const auto of_user = std::span(slopes).subspan(u * negatives_, negatives_);
      // Cosines are at most 1: the shift keeps exponentials below 1.
      const float all = represents * exponentiate(of_user, sharpness, sharpness);
      const float weight = std::pow(static_cast<float>(chosen.size()), -options_.user_exponent) * sharpness /
                           static_cast<float>(count);
      float shares = 0;
      for (const std::uint32_t item : chosen) {
        const float own = std::exp(sharpness * (dot(row(batch.users, u), row(answers_, item)) - 1));
        shares += 1 / (own + all);
        const float slope = -weight * all / (own + all);
        axpy(slope, row(answers_, item), row(batch.gradient, u));
        axpy(slope, row(batch.users, u), row(answers_gradient, item));
      }
      for (float& value : of_user) value *= weight * represents * shares;
    }
    axpy(1.0f, multiply(slopes, drawn, negatives_), batch.gradient);
    const AlignedFloats drawn_gradient =
        multiply_left_transposed(slopes, batch.users, static_cast<std::uint32_t>(count));
    for (std::size_t n = 0; n < negatives_; ++n) {
      axpy(1.0f, std::span(drawn_gradient).subspan(n * dims_, dims_), row(answers_gradient, items_[n]));
    }
  }

  // Draws the first `negatives_` of items_ without replacement, and copies their answers.
  AlignedFloats draw_answers() {
    AlignedFloats out(std::size_t{negatives_} * dims_);
    for (std::uint32_t n = 0; n < negatives_; ++n) {
      std::swap(items_[n], items_[n + random_.below(data_.items - n)]);
      std::ranges::copy(row(answers_, items_[n]), row(out, n).begin());
    }
    return out;
  }

  const Interactions& data_;
  const GraphOptions& options_;
  std::uint32_t dims_;
  std::uint32_t negatives_;
  Random random_;
  Propagation propagation_;
  std::vector<float> spoken_scale_;
  std::vector<AlignedFloats> parameters_;  // E, and F unless shared
  std::vector<Adam> optimisers_;           // as parameters_
  std::vector<std::uint32_t> items_;       // all, those drawn last first
  AlignedFloats spoken_;                   // smooth(E)
  AlignedFloats answers_;                  // smooth(F), rows of length 1
  std::vector<float> answer_lengths_;      // before they were normalised
};

}  // namespace

Result<ItemVectorsModel> train_graph(const Interactions& data, const GraphOptions& options,
                                     const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  return GraphTrainer(data, options).run(progress);
}

}  // namespace winnow
