#include "ann_engines/learned_vectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>

#include "ann_engines/vector_file.h"
#include "base/random.h"
#include "math/vector_kernels.h"

namespace winnow::bench {

namespace {

// Draws indexes with given weights.
class Weighted final {
 public:
  explicit Weighted(std::vector<double> weights) : sums_(std::move(weights)) {
    std::partial_sum(sums_.begin(), sums_.end(), sums_.begin());
  }
  std::uint32_t draw(Random& random) const {
    const auto at = std::upper_bound(sums_.begin(), sums_.end(), random.uniform() * sums_.back());
    return static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(at - sums_.begin(), std::ssize(sums_) - 1));
  }

 private:
  std::vector<double> sums_;
};

// Whose taste is whose: users with the items that they took.
struct Histories {
  std::vector<std::uint64_t> begin = {0};  // users + 1
  std::vector<std::uint32_t> items;
};

// Few items are popular, most are not.
std::uint32_t popular(Random& random, std::size_t count, double skew) {
  return static_cast<std::uint32_t>(static_cast<double>(count) * std::pow(random.uniform(), skew));
}

std::uint32_t history_length(Random& random, double mean) {
  return static_cast<std::uint32_t>(std::clamp(0.6 * mean * std::exp(random.normal()), 6.0, 1500.0));
}

// Leaf clusters with power-law sizes inside genres; a user likes one to five leaves, mostly of one genre.
Histories clustered_histories(const LearnedOptions& options, std::uint32_t users) {
  constexpr std::uint32_t kLeaves = 3000;
  constexpr std::uint32_t kGenres = 60;
  Random random(options.seed);
  std::vector<double> leaf_weight(kLeaves);
  std::vector<std::uint32_t> genre_of(kLeaves);
  std::vector<std::vector<std::uint32_t>> leaves_of(kGenres);
  std::vector<double> genre_weight(kGenres, 1e-9);
  for (std::uint32_t leaf = 0; leaf < kLeaves; ++leaf) {
    leaf_weight[leaf] = std::pow(leaf + 3.0, -0.8);
    genre_of[leaf] = leaf < kGenres ? leaf : popular(random, kGenres, 1.6);
    leaves_of[genre_of[leaf]].push_back(leaf);
    genre_weight[genre_of[leaf]] += leaf_weight[leaf];
  }
  const Weighted leaves(leaf_weight);
  const Weighted genres(genre_weight);
  std::vector<Weighted> within;
  for (const auto& members : leaves_of) {
    std::vector<double> weights;
    for (const std::uint32_t leaf : members) weights.push_back(leaf_weight[leaf]);
    within.emplace_back(std::move(weights));
  }
  std::vector<std::vector<std::uint32_t>> items_of(kLeaves);
  for (std::uint32_t item = 0; item < options.items; ++item) {
    const std::uint32_t leaf = leaves.draw(random);
    items_of[leaf].push_back(item);
    if (random.uniform() > 0.35) continue;  // a third belongs to a second leaf
    const auto& relatives = leaves_of[genre_of[leaf]];
    const bool related = random.uniform() < 0.6;
    items_of[related ? relatives[random.below(static_cast<std::uint32_t>(relatives.size()))]
                     : random.below(kLeaves)]
        .push_back(item);
  }
  for (auto& items : items_of) random.shuffle(items);
  std::vector<std::uint32_t> everything(options.items);
  std::iota(everything.begin(), everything.end(), 0u);
  random.shuffle(everything);

  Histories made;
  for (std::uint32_t user = 0; user < users; ++user) {
    const std::uint32_t length = history_length(random, options.events_per_user);
    const std::uint32_t home = genres.draw(random);
    std::vector<std::uint32_t> likes(1 + random.below(5));
    std::vector<double> liking;
    for (std::size_t i = 0; i < likes.size(); ++i) {
      const std::uint32_t genre = i == 0 || random.uniform() < 0.5 ? home : genres.draw(random);
      likes[i] = leaves_of[genre][within[genre].draw(random)];
      liking.push_back(-std::log(random.uniform() + 1e-9));
    }
    const Weighted liked(liking);
    for (std::uint32_t i = 0; i < length; ++i) {
      if (random.uniform() < 0.1) {
        made.items.push_back(everything[popular(random, options.items, 4)]);
        continue;
      }
      std::uint32_t leaf = likes[liked.draw(random)];
      const auto& relatives = leaves_of[genre_of[leaf]];
      if (random.uniform() < 0.15)
        leaf = relatives[random.below(static_cast<std::uint32_t>(relatives.size()))];
      if (items_of[leaf].empty()) continue;
      made.items.push_back(items_of[leaf][popular(random, items_of[leaf].size(), 3.5)]);
    }
    made.begin.push_back(made.items.size());
  }
  return made;
}

// Items on a smooth latent sphere; a user takes the best of 64 samples near one to three tastes.
Histories continuous_histories(const LearnedOptions& options, std::uint32_t users) {
  constexpr std::uint32_t kLatent = 32;
  constexpr std::uint32_t kSamples = 64;
  Random random(options.seed);
  const auto draw_latent = [&](std::span<float> out, double size) {
    for (std::uint32_t j = 0; j < kLatent; ++j) {
      out[j] += static_cast<float>(size * random.normal() * std::pow(j + 1.0, -0.35));
    }
    const float length = std::sqrt(dot(out, out));
    for (float& x : out) x /= length;
  };
  std::vector<float> latent(std::size_t{options.items} * kLatent);
  const auto latent_of = [&](std::uint32_t item) {
    return std::span(latent).subspan(std::size_t{item} * kLatent, kLatent);
  };
  for (std::uint32_t item = 0; item < options.items; ++item) draw_latent(latent_of(item), 1);

  Histories made;
  for (std::uint32_t user = 0; user < users; ++user) {
    const std::uint32_t length = history_length(random, options.events_per_user);
    const std::uint32_t tastes = 1 + random.below(3);
    std::vector<float> taste(std::size_t{tastes} * kLatent);
    for (std::uint32_t t = 0; t < tastes; ++t) {
      const std::span<float> one = std::span(taste).subspan(std::size_t{t} * kLatent, kLatent);
      const std::span<const float> base = latent_of(random.below(options.items));
      std::copy(base.begin(), base.end(), one.begin());
      draw_latent(one, 0.125);
    }
    for (std::uint32_t i = 0; i < length; ++i) {
      if (random.uniform() < 0.05) {
        made.items.push_back(popular(random, options.items, 3));
        continue;
      }
      const std::span<const float> one =
          std::span(taste).subspan(std::size_t{random.below(tastes)} * kLatent, kLatent);
      std::uint32_t best = 0;
      double best_score = -1e9;
      for (std::uint32_t s = 0; s < kSamples; ++s) {
        const std::uint32_t item = popular(random, options.items, 1.4);
        const double noise = -std::log(-std::log(random.uniform() + 1e-12) + 1e-12);
        const double score = 14.0 * dot(one, latent_of(item)) + noise;
        if (score > best_score) {
          best_score = score;
          best = item;
        }
      }
      made.items.push_back(best);
    }
    made.begin.push_back(made.items.size());
  }
  return made;
}

// Stochastic gradient descent on the logistic loss, with one step size a row (Adagrad): items and users.
class Factorisation final {
 public:
  Factorisation(const LearnedOptions& options, const Histories& histories, bool unit_length)
      : histories_(histories), unit_length_(unit_length), dims_(options.dims), random_(options.seed + 1) {
    const auto users = static_cast<std::uint32_t>(histories.begin.size() - 1);
    draw(items_, options.items);
    draw(users_, users);
    item_squares_.assign(options.items, 1e-2f);
    user_squares_.assign(users, 1e-2f);
    order_.resize(users);
    std::iota(order_.begin(), order_.end(), 0u);
  }

  void epoch() {
    random_.shuffle(order_);
    for (const std::uint32_t user : order_) learn_user(user);
  }

  LearnedVectors take(std::uint32_t queries) {
    LearnedVectors made;
    for (std::uint32_t i = 0; i < std::min<std::size_t>(queries, order_.size()); ++i) {
      const std::span<const float> user = row(users_, order_[i]);
      made.queries.insert(made.queries.end(), user.begin(), user.end());
    }
    made.items = std::move(items_);
    return made;
  }

 private:
  static constexpr std::uint32_t kNegatives = 5;

  std::span<float> row(AlignedFloats& matrix, std::uint32_t i) const {
    return std::span(matrix).subspan(std::size_t{i} * dims_, dims_);
  }
  void draw(AlignedFloats& matrix, std::uint32_t rows) {
    matrix.resize(std::size_t{rows} * dims_);
    for (float& x : matrix) x = static_cast<float>(0.1 * (random_.uniform() - 0.5));
    if (!unit_length_) return;
    for (std::uint32_t i = 0; i < rows; ++i) normalise(row(matrix, i));
  }
  static void normalise(std::span<float> v) {
    const float factor = 1 / std::sqrt(dot(v, v) + 1e-12f);
    for (float& x : v) x *= factor;
  }

  void learn_user(std::uint32_t user) {
    const std::span<float> p = row(users_, user);
    for (std::uint64_t at = histories_.begin[user]; at < histories_.begin[user + 1]; ++at) {
      std::uint32_t items[kNegatives + 1];
      items[0] = histories_.items[at];
      for (std::uint32_t n = 1; n <= kNegatives; ++n) {
        const auto events = static_cast<std::uint32_t>(histories_.items.size());
        items[n] = n % 2 == 1 ? histories_.items[random_.below(events)]
                              : random_.below(static_cast<std::uint32_t>(item_squares_.size()));
      }
      for (const std::uint32_t item : items) {
        for (std::uint32_t d = 0; d < dims_; d += 16) __builtin_prefetch(row(items_, item).data() + d);
      }
      std::vector<float> gradient(dims_);
      for (std::uint32_t n = 0; n <= kNegatives; ++n) learn_pair(p, items[n], n == 0, gradient);
      const float decay = unit_length_ ? 0 : 2e-3f;
      axpy(decay, p, gradient);
      user_squares_[user] += dot(gradient, gradient) / static_cast<float>(dims_);
      axpy(-rate() / std::sqrt(user_squares_[user]), gradient, p);
      if (unit_length_) normalise(p);
    }
  }

  void learn_pair(std::span<const float> p, std::uint32_t item, bool taken, std::span<float> user_gradient) {
    const std::span<float> q = row(items_, item);
    const float product = dot(p, q);
    const float logit = unit_length_ ? 14 * (product - 0.5f) : product - 2;
    const float error = 1 / (1 + std::exp(-logit)) - (taken ? 1.0f : 0.0f);
    axpy(error, q, user_gradient);
    const float decay = unit_length_ ? 0 : taken ? 2e-3f : 4e-4f;
    // |error p + decay q|^2 without forming it.
    const float square = error * error * dot(p, p) + 2 * error * decay * product + decay * decay * dot(q, q);
    item_squares_[item] += square / static_cast<float>(dims_);
    const float step = rate() / std::sqrt(item_squares_[item]);
    for (float& x : q) x *= 1 - step * decay;
    axpy(-step * error, p, q);
    if (unit_length_) normalise(q);
  }
  float rate() const { return unit_length_ ? 0.04f : 0.12f; }

  const Histories& histories_;
  bool unit_length_;
  std::uint32_t dims_;
  Random random_;
  AlignedFloats items_;
  AlignedFloats users_;
  std::vector<float> item_squares_;
  std::vector<float> user_squares_;
  std::vector<std::uint32_t> order_;
};

LearnedVectors gaussian_vectors(const LearnedOptions& options) {
  Random random(options.seed);
  LearnedVectors made;
  for (auto [matrix, rows] :
       {std::pair{&made.items, options.items}, std::pair{&made.queries, options.queries}}) {
    matrix->resize(std::size_t{rows} * options.dims);
    for (float& x : *matrix) x = static_cast<float>(random.normal());
  }
  return made;
}

}  // namespace

LearnedVectors learn_vectors(const LearnedOptions& options) {
  if (options.shape == "gaussian") return gaussian_vectors(options);
  const std::uint32_t users = options.users != 0 ? options.users : options.items / 4 + 1;
  if (options.shape != "mf" && options.shape != "two_tower" && options.shape != "continuous") {
    give_up("\"" + options.shape + "\" is no shape of data: give mf, two_tower, continuous or gaussian");
  }
  const Histories histories = options.shape == "continuous" ? continuous_histories(options, users)
                                                            : clustered_histories(options, users);
  Factorisation model(options, histories, options.shape != "mf");
  for (std::uint32_t epoch = 0; epoch < options.epochs; ++epoch) model.epoch();
  return model.take(options.queries);
}

}  // namespace winnow::bench
