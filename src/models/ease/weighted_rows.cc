#include "models/ease/weighted_rows.h"

#include <cmath>
#include <numeric>

namespace winnow {

WeightedRows weighted_rows(const Interactions& data, float user_exponent) {
  WeightedRows out;
  out.by_user = data;
  const double sum = std::accumulate(data.weight.begin(), data.weight.end(), 0.0);
  const double mean_weight = sum / static_cast<double>(data.size());
  std::vector<double> share(data.users);
  double shares = 0;
  for (std::uint32_t user = 0; user < data.users; ++user) {
    const auto pairs = static_cast<double>(data.items_of(user).size());
    share[user] = pairs > 0 ? std::pow(pairs, -user_exponent) : 0.0;
    shares += share[user] * pairs;
  }
  const double scale = static_cast<double>(data.size()) / shares / mean_weight;
  out.item_frequency.resize(data.items);
  for (std::uint32_t user = 0; user < data.users; ++user) {
    for (std::uint64_t at = data.offsets[user]; at < data.offsets[user + 1]; ++at) {
      const double square = scale * share[user] * data.weight[at];
      out.by_user.weight[at] = static_cast<float>(std::sqrt(square));
      out.item_frequency[data.item[at]] += static_cast<float>(square);
    }
  }
  out.by_item = out.by_user.transposed();
  return out;
}

void add_gram_row(const WeightedRows& rows, std::uint32_t item, std::vector<float>& row,
                  std::vector<std::uint32_t>& touched) {
  const auto users = rows.by_item.items_of(item);
  const auto weights = rows.by_item.weights_of(item);
  for (std::size_t k = 0; k < users.size(); ++k) {
    const auto items = rows.by_user.items_of(users[k]);
    const auto others = rows.by_user.weights_of(users[k]);
    for (std::size_t i = 0; i < items.size(); ++i) {
      float& sum = row[items[i]];
      if (sum == 0) touched.push_back(items[i]);
      sum += weights[k] * others[i];
    }
  }
}

}  // namespace winnow
