#include "batch/evaluate/hold_out.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"

namespace winnow {
namespace {

// How alike items are, by the users they share. Looks at no more than kLikenessUsers of an item's users.
class Likeness final {
 public:
  explicit Likeness(const Interactions& train) : by_item_(train.transposed()), marked_(train.users) {}

  // One number per item: the cosine of its users with those of `anchor`, up to a factor common to all.
  std::vector<double> to(std::uint32_t anchor, std::span<const std::uint32_t> items) {
    for (const std::uint32_t user : by_item_.items_of(anchor)) marked_[user] = true;
    std::vector<double> out;
    for (const std::uint32_t item : items) {
      const auto users = by_item_.items_of(item);
      const std::size_t stride = (users.size() + kLikenessUsers - 1) / kLikenessUsers;
      double shared = 0;
      for (std::size_t k = 0; k < users.size(); k += stride) shared += marked_[users[k]] ? 1 : 0;
      out.push_back(shared * static_cast<double>(stride) / std::sqrt(static_cast<double>(users.size())));
    }
    for (const std::uint32_t user : by_item_.items_of(anchor)) marked_[user] = false;
    return out;
  }

 private:
  Interactions by_item_;
  std::vector<bool> marked_;
};

// The order in which positions of `items` are left out: the first at random, then those most like it.
std::vector<std::size_t> group_first(std::span<const std::uint32_t> items, std::vector<std::size_t> shuffled,
                                     Likeness& likeness) {
  const std::vector<double> like = likeness.to(items[shuffled.front()], items);
  std::stable_sort(shuffled.begin() + 1, shuffled.end(),
                   [&](std::size_t a, std::size_t b) { return like[a] > like[b]; });
  return shuffled;
}

}  // namespace

EvaluationSplit hold_out(const EvaluationSplit& split, double share, std::uint64_t seed) {
  Random random(seed);
  const Interactions& train = split.train;
  Likeness likeness(train);
  std::vector<WeightedPair> kept;
  EvaluationSplit out;
  for (std::uint32_t user = 0; user < train.users; ++user) {
    const auto items = train.items_of(user);
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    random.shuffle(order);
    std::size_t held = 0;
    if (order.size() >= 2) {
      held = std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(order.size())));
      if (user % 2 == 1) order = group_first(items, std::move(order), likeness);
    }
    std::vector<std::uint32_t> masked;
    std::vector<std::uint32_t> test;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const std::uint64_t at = train.offsets[user] + order[k];
      if (k < held) {
        test.push_back(train.item[at]);
      } else {
        masked.push_back(train.item[at]);
        kept.push_back({user, train.item[at], train.weight[at], train.time_ms[at]});
      }
    }
    out.masked.add(std::move(masked));
    out.test.add(std::move(test));
  }
  out.train = interactions_of(std::move(kept), train.users, train.items);
  out.history = out.train;
  return out;
}

}  // namespace winnow
