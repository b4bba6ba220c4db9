#include "batch/impressions/popular_sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace winnow {

void PopularSampler::count(ItemIndex item, TimestampMs time_ms) {
  if (!first_ms_) first_ms_ = time_ms;
  if (row(item) >= popularity_.size()) grow(std::size_t{row(item)} + 1);
  double& popularity = popularity_[row(item)];
  const double before = std::pow(popularity, power_);
  popularity += std::exp2(static_cast<double>(time_ms - *first_ms_) / half_life_ms_);
  add(row(item), std::pow(popularity, power_) - before);
}

void PopularSampler::add(std::size_t item, double weight) {
  for (std::size_t at = item + 1; at < tree_.size(); at += at & (~at + 1)) tree_[at] += weight;
}

// The tree's size is a power of two plus one, so that its last entry is the sum of all.
void PopularSampler::grow(std::size_t items) {
  popularity_.resize(items);
  const std::size_t wanted = std::bit_ceil(items) + 1;
  if (wanted <= tree_.size()) return;
  tree_.assign(wanted, 0);
  for (std::size_t i = 0; i < popularity_.size(); ++i) add(i, std::pow(popularity_[i], power_));
}

std::optional<ItemIndex> PopularSampler::draw(Random& random) const {
  const double total = tree_.back();
  if (tree_.size() == 1 || !(total > 0)) return std::nullopt;
  double left = random.uniform() * total;
  std::size_t at = 0;
  for (std::size_t step = tree_.size() - 1; step > 0; step /= 2) {
    const std::size_t next = at + step;
    if (next >= tree_.size() || tree_[next] > left) continue;
    at = next;
    left -= tree_[next];
  }
  return ItemIndex{static_cast<std::uint32_t>(std::min(at, popularity_.size() - 1))};
}

// With the tree: made anew, its sums would be rounded otherwise.
void PopularSampler::save(ByteWriter& out) const {
  out.fixed(first_ms_.has_value());
  out.fixed(first_ms_.value_or(0));
  out.array(std::span<const double>(popularity_));
  out.array(std::span<const double>(tree_));
}

void PopularSampler::restore(ByteReader& in) {
  const bool any = in.fixed<bool>();
  const auto first_ms = in.fixed<TimestampMs>();
  if (any) first_ms_ = first_ms;
  popularity_ = in.array<double>();
  tree_ = in.array<double>();
}

}  // namespace winnow
