#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/memory.h"
#include "math/aligned.h"
#include "math/dense.h"
#include "models/ease/ease.h"
#include "models/ease/weighted_rows.h"
#include "models/item_to_item/kept_neighbours.h"
#include "models/option_range.h"

namespace winnow {
namespace {

Status check_options(const EaseOptions& options) {
  if (options.max_exact_items > 100'000) {
    return outside_range("ease.max_exact_items", options.max_exact_items,
                         "at most 100000: the inverse would take more than 40 GB");
  }
  return first_error({above_zero("ease.regularization", options.regularization, 1e9f),
                      in_range("ease.user_exponent", options.user_exponent, 0, 2),
                      in_range("ease.popularity_exponent", options.popularity_exponent, 0, 2),
                      in_range("ease.neighbours", options.neighbours, 1, 100'000),
                      in_range("ease.neighbourhood", options.neighbourhood, 1, 5'000)});
}

// How often a progress callback is asked, in items.
constexpr std::uint32_t kProgressStride = 256;

class EaseTrainer final {
 public:
  EaseTrainer(const Interactions& data, const EaseOptions& options, const TrainProgress& progress)
      : options_(options),
        progress_(progress),
        items_(data.items),
        rows_(weighted_rows(data, options.user_exponent)),
        gram_row_(data.items) {}

  Result<ItemToItemModel> run() {
    WINNOW_RETURN_IF_ERROR(ease_is_exact(items_, options_) ? exact() : by_neighbourhoods());
    return std::move(kept_).model({.neighbours = options_.neighbours,
                                   .user_exponent = options_.user_exponent,
                                   .history_half_life_days = options_.history_half_life_days},
                                  items_);
  }

 private:
  bool go_on(std::size_t done, std::size_t total) const { return !progress_ || progress_(done, total); }

  // The factor that scales the column of an item.
  float column_scale(std::uint32_t item) const {
    return std::pow(std::max(1.0f, rows_.item_frequency[item]), -options_.popularity_exponent);
  }

  // Calls each(other, value) for the row's entries, and clears it.
  template <class Each>
  void take_gram_row(std::uint32_t item, const Each& each) {
    touched_.clear();
    add_gram_row(rows_, item, gram_row_, touched_);
    for (const std::uint32_t other : touched_) each(other, std::exchange(gram_row_[other], 0.0f));
  }

  Status exact() {
    const std::size_t n = items_;
    AlignedFloats inverse;
    inverse.assign(n * n, 0.0f);
    for (std::uint32_t item = 0; item < items_; ++item) {
      float* const row = inverse.data() + item * n;
      take_gram_row(item, [row](std::uint32_t other, float value) { row[other] = value; });
      row[item] += options_.regularization;
    }
    // The inverse is most of the time, and cannot be interrupted.
    if (!go_on(items_ / 4, items_)) return {};
    if (!invert_positive_definite(inverse, items_)) {
      return Error{ErrorCode::invalid,
                   "ease.regularization is " + std::to_string(options_.regularization) +
                       ", too little for these data: the equations have no unique solution; give more",
                   "ease.regularization"};
    }
    std::vector<ScoredRow> weights;
    for (std::uint32_t item = 0; item < items_; ++item) {
      const float* const row = inverse.data() + item * n;  // and column: it is symmetric
      const float factor = -column_scale(item) / row[item];
      weights.clear();
      for (std::uint32_t other = 0; other < items_; ++other) {
        if (other != item) weights.push_back({other, factor * row[other]});
      }
      keep(weights);
    }
    go_on(items_, items_);
    return {};
  }

  // The co-occurrences of every item with its neighbourhood, then a small system for each.
  Status by_neighbourhoods() {
    std::vector<std::uint32_t> local(items_, kOutside);
    std::vector<ScoredRow> near;
    std::vector<ScoredRow> weights;
    for (std::uint32_t item = 0; item < items_; ++item) {
      near.clear();
      take_gram_row(item, [&](std::uint32_t other, float value) {
        if (other != item) near.push_back({other, value});
      });
      cut_to_neighbourhood(near);
      solve_neighbourhood(item, near, local, weights);
      keep(weights);
      if ((item + 1) % kProgressStride == 0 && !go_on(item + 1, items_)) return {};
    }
    go_on(items_, items_);
    return {};
  }

  // The nearest by cosine: co-occurrence alone would fill every neighbourhood with what everybody knows.
  void cut_to_neighbourhood(std::vector<ScoredRow>& near) const {
    if (near.size() <= options_.neighbourhood) return;
    const auto cosine = [&](const ScoredRow& row) {
      return ScoredRow{row.item, row.score / std::sqrt(rows_.item_frequency[row.item])};
    };
    std::nth_element(
        near.begin(), near.begin() + options_.neighbourhood - 1, near.end(),
        [&](const ScoredRow& a, const ScoredRow& b) { return ranks_before(cosine(a), cosine(b)); });
    near.resize(options_.neighbourhood);
    std::ranges::sort(near, {}, &ScoredRow::item);
  }

  void solve_neighbourhood(std::uint32_t item, const std::vector<ScoredRow>& near,
                           std::vector<std::uint32_t>& local, std::vector<ScoredRow>& weights) {
    const auto n = static_cast<std::uint32_t>(near.size());
    for (std::uint32_t k = 0; k < n; ++k) local[near[k].item] = k;
    std::vector<float> system(std::size_t{n} * n, 0.0f);
    std::vector<float> right(n);
    for (std::uint32_t k = 0; k < n; ++k) {
      float* const row = system.data() + std::size_t{k} * n;
      add_local_gram_row(near[k].item, local, row);
      row[k] += options_.regularization;
      right[k] = near[k].score;
    }
    for (const ScoredRow& row : near) local[row.item] = kOutside;
    weights.clear();
    if (n == 0 || !solve_positive_definite(system, right)) return;
    const float factor = column_scale(item);
    for (std::uint32_t k = 0; k < n; ++k) weights.push_back({near[k].item, factor * right[k]});
  }

  // The row of G of `item`, of columns in the neighbourhood alone.
  void add_local_gram_row(std::uint32_t item, const std::vector<std::uint32_t>& local, float* row) const {
    const auto users = rows_.by_item.items_of(item);
    const auto weights = rows_.by_item.weights_of(item);
    for (std::size_t k = 0; k < users.size(); ++k) {
      const auto items = rows_.by_user.items_of(users[k]);
      const auto others = rows_.by_user.weights_of(users[k]);
      for (std::size_t i = 0; i < items.size(); ++i) {
        const std::uint32_t column = local[items[i]];
        if (column != kOutside) row[column] += weights[k] * others[i];
      }
    }
  }

  void keep(const std::vector<ScoredRow>& weights) { kept_.add(weights, options_.neighbours); }

  static constexpr std::uint32_t kOutside = 0xFFFFFFFFu;

  const EaseOptions& options_;
  const TrainProgress& progress_;
  std::uint32_t items_;
  WeightedRows rows_;
  std::vector<float> gram_row_;  // all zero between two uses
  std::vector<std::uint32_t> touched_;
  KeptNeighbours kept_;
};

}  // namespace

bool ease_is_exact(std::uint32_t items, const EaseOptions& options) {
  constexpr std::uint64_t kSmall = std::uint64_t{1} << 30;  // bytes that are not worth asking for
  constexpr double kShareOfMemory = 0.7;
  const std::uint64_t bytes = sizeof(float) * std::uint64_t{items} * items;
  return items <= options.max_exact_items &&
         (bytes <= kSmall ||
          static_cast<double>(bytes) <= kShareOfMemory * static_cast<double>(available_memory()));
}

Result<ItemToItemModel> train_ease(const Interactions& data, const EaseOptions& options,
                                   const TrainProgress& progress) {
  WINNOW_RETURN_IF_ERROR(check_options(options));
  WINNOW_RETURN_IF_ERROR(check_trainable(data));
  return EaseTrainer(data, options, progress).run();
}

}  // namespace winnow
