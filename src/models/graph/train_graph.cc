#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"
#include "math/adam.h"
#include "math/dense.h"
#include "math/exponentials.h"
#include "math/sparse_rows.h"
#include "math/vector_kernels.h"
#include "models/graph/bspm.h"
#include "models/graph/graph.h"
#include "models/graph/propagation.h"
#include "models/graph/spectral.h"
#include "models/graph/taught_lists.h"
#include "models/option_range.h"

namespace winnow {
namespace {

// Its exponential is 0 beside any other.
constexpr float kNever = -1e9f;

Status check_options(const GraphOptions& options) {
  return first_error({in_range("graph.dims", options.dims, 1, 1024),
                      in_range("graph.histories", options.histories, 1, 10'000'000),
                      in_range("graph.epochs", options.epochs, 1, 10'000),
                      in_range("graph.batch", options.batch, 1, 65'536),
                      in_range("graph.negatives", options.negatives, 1, 1'000'000),
                      above_zero("graph.learning_rate", options.learning_rate, 10),
                      in_range("graph.user_exponent", options.user_exponent, 0, 1),
                      in_range("graph.taught", options.taught, 1, 1000),
                      in_range("graph.sharpness", options.sharpness, 0, 20),
                      in_range("graph.filter_dims", options.filter_dims, 1, 1024),
                      in_range("graph.smooth_weight", options.smooth_weight, 0, 100),
                      in_range("graph.time", options.time, 0, 10)});
}

// A table of vectors that is learned: items x dims.
struct Learned {
  explicit Learned(AlignedFloats first) : vectors(std::move(first)), optimiser(vectors.size()) {}

  void forget_gradient() { gradient.assign(vectors.size(), 0.0f); }
  void step(float rate) { optimiser.step(gradient, rate, vectors); }

  AlignedFloats vectors;
  AlignedFloats gradient;
  Adam optimiser;
};

// Few histories are learned from in batches that are small enough for an epoch to have this many.
std::uint32_t batch_size(std::uint32_t histories, std::uint32_t most) {
  constexpr std::uint32_t kBatches = 16;
  constexpr std::uint32_t kLeast = 32;
  return std::min(most, std::max(kLeast, histories / kBatches));
}

class Student final {
 public:
  Student(const Interactions& histories, const TaughtLists& lists, const GraphOptions& options,
          AlignedFloats spoken, AlignedFloats answers, Random& random)
      : histories_(histories),
        lists_(lists),
        options_(options),
        dims_(options.dims),
        batch_(batch_size(histories.users, options.batch)),
        random_(random),
        spoken_(std::move(spoken)),
        answers_(std::move(answers)),
        shuffled_(histories.items),
        place_(histories.items, kNowhere) {
    std::iota(shuffled_.begin(), shuffled_.end(), 0u);
    for (std::uint32_t h = 0; h < histories.users; ++h) {
      if (!lists.items_of(h).empty()) order_.push_back(h);
    }
  }

  void learn(const TrainProgress& progress) {
    const std::size_t batches = (order_.size() + batch_ - 1) / batch_;
    const std::size_t steps = batches * options_.epochs;
    bool stopped = false;
    for (std::size_t step = 0; step < steps && !stopped; ++step) {
      const std::size_t begin = step % batches * batch_;
      if (begin == 0) random_.shuffle(order_);
      const double turn = std::numbers::pi * static_cast<double>(step) / static_cast<double>(steps);
      const float rate = options_.learning_rate * 0.5f * static_cast<float>(1 + std::cos(turn));
      learn_from(std::span(order_).subspan(begin, std::min<std::size_t>(batch_, order_.size() - begin)),
                 rate);
      stopped = progress && !progress(step + 1, steps);
    }
  }

  ItemVectorsModel model() && {
    return {dims_, std::move(spoken_.vectors), std::move(answers_.vectors), options_.history_half_life_days};
  }

 private:
  static constexpr std::uint32_t kNowhere = ~0u;

  std::span<float> row(AlignedFloats& vectors, std::size_t r) const {
    return std::span(vectors).subspan(r * dims_, dims_);
  }

  void learn_from(std::span<const std::uint32_t> batch, float rate) {
    spoken_.forget_gradient();
    answers_.forget_gradient();
    const AlignedFloats drawn = draw();
    AlignedFloats users(batch.size() * dims_);
    for (std::size_t u = 0; u < batch.size(); ++u)
      sum_rows(spoken_.vectors, histories_.items_of(batch[u]), shares_of(batch[u]), row(users, u));
    AlignedFloats pulls(batch.size() * drawn_);
    multiply_transposed(users, drawn, dims_, pulls);
    AlignedFloats of_users(users.size(), 0.0f);
    for (std::size_t u = 0; u < batch.size(); ++u) {
      const auto own = std::span(pulls).subspan(u * drawn_, drawn_);
      follow(batch[u], 1 / static_cast<float>(batch.size()), row(users, u), own, row(of_users, u));
    }
    axpy(1, multiply(pulls, drawn, static_cast<std::uint32_t>(drawn_)), of_users);
    const AlignedFloats of_drawn =
        multiply_left_transposed(pulls, users, static_cast<std::uint32_t>(batch.size()));
    for (std::size_t n = 0; n < drawn_; ++n)
      axpy(1, std::span(of_drawn).subspan(n * dims_, dims_), row(answers_.gradient, shuffled_[n]));
    for (std::size_t u = 0; u < batch.size(); ++u) {
      const auto items = histories_.items_of(batch[u]);
      const std::vector<float> shares = shares_of(batch[u]);
      for (std::size_t k = 0; k < items.size(); ++k)
        axpy(shares[k], row(of_users, u), row(spoken_.gradient, items[k]));
    }
    spoken_.step(rate);
    answers_.step(rate);
  }

  // What each item of a history adds to its user.
  std::vector<float> shares_of(std::uint32_t history) const {
    const auto weights = histories_.weights_of(history);
    const float sum = std::accumulate(weights.begin(), weights.end(), 0.0f);
    const float scale = std::pow(sum, -options_.user_exponent);
    std::vector<float> out(weights.begin(), weights.end());
    for (float& share : out) share *= scale;
    return out;
  }

  // The slope of the loss of one history, times `weight`, by the logits: those of the drawn items, given in
  // `pulls`, are replaced by it, and that by the taught items is passed on to the user and to the answers.
  // The taught items count by themselves, and the drawn stand for all others.
  void follow(std::uint32_t history, float weight, std::span<const float> user, std::span<float> pulls,
              std::span<float> of_user) {
    const auto taught = lists_.items_of(history);
    const auto targets = lists_.shares_of(history);
    for (const auto items : {taught, histories_.items_of(history)}) {
      for (const std::uint32_t item : items) {
        if (place_[item] != kNowhere) pulls[place_[item]] = kNever;
      }
    }
    std::vector<float> own(taught.size());
    for (std::size_t k = 0; k < taught.size(); ++k) own[k] = dot(user, row(answers_.vectors, taught[k]));
    const Exponentials others = exponentiate_below_highest(pulls);
    const Exponentials known = exponentiate_below_highest(own);
    const float highest = std::max(others.highest, known.highest);
    const float stand_for = static_cast<float>(histories_.items) / static_cast<float>(drawn_);
    const float other_scale = stand_for * std::exp(others.highest - highest);
    const float known_scale = std::exp(known.highest - highest);
    const float sum = other_scale * others.sum + known_scale * known.sum;
    for (float& pull : pulls) pull *= weight * other_scale / sum;
    for (std::size_t k = 0; k < taught.size(); ++k) {
      const float slope = weight * (known_scale * own[k] / sum - targets[k]);
      axpy(slope, row(answers_.vectors, taught[k]), of_user);
      axpy(slope, user, row(answers_.gradient, taught[k]));
    }
  }

  // The answers of items drawn without replacement: the first of shuffled_, place_ says which.
  AlignedFloats draw() {
    for (std::size_t n = 0; n < drawn_; ++n) place_[shuffled_[n]] = kNowhere;
    drawn_ = std::min(options_.negatives, histories_.items);
    AlignedFloats out(drawn_ * dims_);
    for (std::uint32_t n = 0; n < drawn_; ++n) {
      std::swap(shuffled_[n], shuffled_[n + random_.below(histories_.items - n)]);
      place_[shuffled_[n]] = n;
      std::ranges::copy(row(answers_.vectors, shuffled_[n]), row(out, n).begin());
    }
    return out;
  }

  const Interactions& histories_;
  const TaughtLists& lists_;
  const GraphOptions& options_;
  std::uint32_t dims_;
  std::uint32_t batch_;
  Random& random_;
  Learned spoken_;
  Learned answers_;
  std::vector<std::uint32_t> order_;  // histories with lists
  std::vector<std::uint32_t> shuffled_;
  std::vector<std::uint32_t> place_;  // of an item among the drawn, or kNowhere
  std::size_t drawn_ = 0;
};

// The graph's smoothest vectors, of a size that makes probabilities differ a little; noise fills dimensions
// beyond the number of items. How often an item was had is shared between what it says and what it answers,
// as the low-pass filter has it.
struct FirstVectors {
  AlignedFloats spoken;
  AlignedFloats answers;
};

FirstVectors first_vectors(const Interactions& data, const GraphOptions& options, Random& random) {
  constexpr float kSize = 0.3f;
  constexpr float kNoise = 0.01f;
  constexpr std::uint32_t kIterations = 6;
  const std::uint32_t dims = options.dims;
  const std::uint32_t smooth = std::min(dims, data.items);
  const AlignedFloats smoothest =
      leading_eigenvectors(Propagation(data), data.items, smooth, kIterations, options.seed);
  const float scale = kSize * std::sqrt(static_cast<float>(data.items));
  const float mean_degree = static_cast<float>(data.size()) / static_cast<float>(data.items);
  std::vector<float> degree(data.items);
  for (const std::uint32_t item : data.item) ++degree[item];
  FirstVectors out{AlignedFloats(std::size_t{data.items} * dims),
                   AlignedFloats(std::size_t{data.items} * dims)};
  for (std::uint32_t item = 0; item < data.items; ++item) {
    const float popular = std::pow(std::max(1.0f, degree[item]) / mean_degree, 0.25f);
    for (std::uint32_t k = 0; k < dims; ++k) {
      const float value = k < smooth ? scale * smoothest[std::size_t{item} * smooth + k]
                                     : kNoise * static_cast<float>(random.normal());
      out.spoken[std::size_t{item} * dims + k] = value / popular;
      out.answers[std::size_t{item} * dims + k] = value * popular;
    }
  }
  return out;
}

}  // namespace

Result<ItemVectorsModel> train_graph(const Interactions& data, const GraphOptions& options,
                                     const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  // Teaching and learning take about as long each.
  constexpr std::size_t kParts = 1000;
  bool stopped = false;
  const auto part = [&](std::size_t before) {
    return [&, before](std::size_t done, std::size_t total) {
      if (progress && !progress(before + done * kParts / total, 2 * kParts)) stopped = true;
      return !stopped;
    };
  };
  Random random(options.seed);
  WINNOW_TRY(const BspmModel teacher, train_bspm(data, {.dims = options.filter_dims,
                                                        .smooth_weight = options.smooth_weight,
                                                        .time = options.time,
                                                        .seed = options.seed}));
  const Interactions histories = histories_of(data, options.histories, random);
  const TaughtLists lists = lists_of(teacher, histories, options.taught, options.sharpness, part(0));
  FirstVectors first = first_vectors(data, options, random);
  Student student(histories, lists, options, std::move(first.spoken), std::move(first.answers), random);
  if (!stopped) student.learn(part(kParts));
  return std::move(student).model();
}

}  // namespace winnow
