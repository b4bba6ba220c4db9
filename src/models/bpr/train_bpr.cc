#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"
#include "math/aligned.h"
#include "math/vector_kernels.h"
#include "models/bpr/bpr.h"
#include "models/option_range.h"

namespace winnow {
namespace {

Status check_options(const BprOptions& options) {
  return first_error({in_range("bpr.dims", options.dims, 1, 1024),
                      in_range("bpr.epochs", options.epochs, 1, 10'000),
                      above_zero("bpr.learning_rate", options.learning_rate, 10),
                      in_range("bpr.regularization", options.regularization, 0, 10),
                      in_range("bpr.history_exponent", options.history_exponent, 0, 1),
                      in_range("bpr.negative_exponent", options.negative_exponent, 0, 2),
                      in_range("bpr.negatives", options.negatives, 1, 1000)});
}

// Draws items in proportion to a power of their popularity, in O(1): Walker's alias method (1977).
class ItemSampler final {
 public:
  ItemSampler(const Interactions& data, float exponent) : threshold_(data.items, 1), alias_(data.items) {
    std::vector<double> share(data.items, 0.0);
    for (const std::uint32_t item : data.item) ++share[item];
    double sum = 0;
    // One is added, so that an item that nobody chose can be drawn too.
    for (double& value : share) {
      value = std::pow(value + 1, exponent);
      sum += value;
    }
    std::vector<std::uint32_t> less;
    std::vector<std::uint32_t> more;
    for (std::uint32_t item = 0; item < data.items; ++item) {
      share[item] *= data.items / sum;
      alias_[item] = item;
      (share[item] < 1 ? less : more).push_back(item);
    }
    while (!less.empty() && !more.empty()) {
      const std::uint32_t small = less.back();
      const std::uint32_t large = more.back();
      less.pop_back();
      threshold_[small] = share[small];
      alias_[small] = large;
      share[large] -= 1 - share[small];
      if (share[large] < 1) {
        more.pop_back();
        less.push_back(large);
      }
    }
  }

  std::uint32_t draw(Random& random) const {
    const std::uint32_t item = random.below(static_cast<std::uint32_t>(alias_.size()));
    return random.uniform() < threshold_[item] ? item : alias_[item];
  }

 private:
  std::vector<double> threshold_;
  std::vector<std::uint32_t> alias_;
};

class BprTrainer final {
 public:
  BprTrainer(const Interactions& data, const BprOptions& options)
      : data_(data),
        options_(options),
        random_(options.seed),
        sampler_(data, options.negative_exponent),
        spoken_(random_vectors()),
        answers_(random_vectors()),
        sum_(options.dims),
        context_(options.dims),
        gradient_(options.dims),
        difference_(options.dims) {}

  ItemVectorsModel run(const TrainProgress& progress) {
    std::vector<std::uint32_t> order(data_.users);
    std::iota(order.begin(), order.end(), 0u);
    for (std::uint32_t epoch = 0; epoch < options_.epochs; ++epoch) {
      random_.shuffle(order);
      rate_ = options_.learning_rate * (1 - static_cast<float>(epoch) / static_cast<float>(options_.epochs));
      for (const std::uint32_t user : order) learn_from(user);
      if (progress && !progress(epoch + 1, options_.epochs)) break;
    }
    return {options_.dims, std::move(spoken_), std::move(answers_), options_.history_half_life_days};
  }

 private:
  AlignedFloats random_vectors() {
    AlignedFloats out(std::size_t{data_.items} * options_.dims);
    const double width = 0.1 / std::sqrt(static_cast<double>(options_.dims));
    for (float& value : out) value = static_cast<float>(width * random_.normal());
    return out;
  }

  std::span<float> row(AlignedFloats& vectors, std::uint32_t item) const {
    return std::span(vectors).subspan(std::size_t{item} * options_.dims, options_.dims);
  }

  // The spoken vectors of a user change once, at the end: one walk over the items for all pairs.
  void learn_from(std::uint32_t user) {
    const auto items = data_.items_of(user);
    if (items.size() < 2) return;  // without the item nothing is left to predict it from
    std::ranges::fill(sum_, 0.0f);
    std::ranges::fill(gradient_, 0.0f);
    for (const std::uint32_t item : items) axpy(1.0f, row(spoken_, item), sum_);
    const float scale = std::pow(static_cast<float>(items.size() - 1), -options_.history_exponent);
    for (const std::uint32_t chosen : items) {
      const auto own = row(spoken_, chosen);
      for (std::size_t k = 0; k < context_.size(); ++k) context_[k] = scale * (sum_[k] - own[k]);
      for (std::uint32_t n = 0; n < options_.negatives; ++n) {
        const std::uint32_t other = sampler_.draw(random_);
        if (!std::ranges::binary_search(items, other)) learn_pair(chosen, other);
      }
    }
    for (const std::uint32_t item : items) {
      const auto vector = row(spoken_, item);
      const float decay = 1 - rate_ * options_.regularization;
      for (std::size_t k = 0; k < vector.size(); ++k)
        vector[k] = decay * vector[k] + rate_ * scale * gradient_[k];
    }
  }

  void learn_pair(std::uint32_t chosen, std::uint32_t other) {
    const auto better = row(answers_, chosen);
    const auto worse = row(answers_, other);
    for (std::size_t k = 0; k < difference_.size(); ++k) difference_[k] = better[k] - worse[k];
    const float slope = 1 / (1 + std::exp(dot(context_, difference_)));
    const float shrink = rate_ * options_.regularization;
    for (std::size_t k = 0; k < difference_.size(); ++k) {
      const float step = rate_ * slope * context_[k];
      better[k] += step - shrink * better[k];
      worse[k] -= step + shrink * worse[k];
    }
    axpy(slope / static_cast<float>(options_.negatives), difference_, gradient_);
  }

  const Interactions& data_;
  const BprOptions& options_;
  Random random_;
  ItemSampler sampler_;
  float rate_ = 0;
  AlignedFloats spoken_;
  AlignedFloats answers_;
  std::vector<float> sum_;         // of the user's spoken vectors
  std::vector<float> context_;     // the user without the chosen item
  std::vector<float> gradient_;    // of the user's vector, over all pairs
  std::vector<float> difference_;  // of the two answers
};

}  // namespace

Result<ItemVectorsModel> train_bpr(const Interactions& data, const BprOptions& options,
                                   const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  return BprTrainer(data, options).run(progress);
}

}  // namespace winnow
