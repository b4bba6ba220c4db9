#include "index/ivf_pack.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace winnow {

namespace {

// The memory behind IvfParts' spans.
struct IvfMemory {
  AlignedBytes centroids;
  std::vector<std::uint32_t> list_begin;
  AlignedBytes codes;
  std::vector<std::uint32_t> row_at;
  std::vector<std::uint16_t> live;
  std::vector<float> block_length;
  std::vector<ListShape> shapes;
};

// The items of a list, one after the other, the longest first.
struct Order {
  std::vector<std::uint32_t> begin;  // by list, and the end
  std::vector<std::uint32_t> items;  // indexes into ListedItems
  std::vector<float> length;         // of each item's vector, by index
};

Order order_lists(const StoredVectors& vectors, std::uint32_t lists, const ListedItems& items) {
  Order order;
  order.begin.assign(std::size_t{lists} + 1, 0);
  for (const std::uint32_t list : items.list_of) ++order.begin[list + 1];
  for (std::uint32_t list = 0; list < lists; ++list) order.begin[list + 1] += order.begin[list];
  order.items.resize(items.rows.size());
  order.length.resize(items.rows.size());
  std::vector<std::uint32_t> next(order.begin.begin(), order.begin.end() - 1);
  for (std::uint32_t i = 0; i < items.rows.size(); ++i) {
    order.items[next[items.list_of[i]]++] = i;
    float squares[8] = {};
    const std::span<const float> vector = vectors.row(items.rows[i]);
    for (std::size_t d = 0; d < vector.size(); d += 8) {
      for (std::size_t lane = 0; lane < 8; ++lane) squares[lane] += vector[d + lane] * vector[d + lane];
    }
    order.length[i] = std::sqrt(((squares[0] + squares[1]) + (squares[2] + squares[3])) +
                                ((squares[4] + squares[5]) + (squares[6] + squares[7])));
  }
  for (std::uint32_t list = 0; list < lists; ++list) {
    std::sort(order.items.begin() + order.begin[list], order.items.begin() + order.begin[list + 1],
              [&](std::uint32_t a, std::uint32_t b) {
                return order.length[a] != order.length[b] ? order.length[a] > order.length[b] : a < b;
              });
  }
  return order;
}

// Of directions, for inner products and cosines.
ListShape shape_of_directions(const IvfParts& parts, const ListedItems& items, const Order& order,
                              std::span<const std::uint32_t> members) {
  std::vector<float> mean(parts.vectors.dims);
  for (const std::uint32_t i : members) {
    if (order.length[i] == 0) continue;
    const std::span<const float> vector = parts.vectors.row(items.rows[i]);
    const float factor = 1 / (order.length[i] * static_cast<float>(members.size()));
    for (std::size_t d = 0; d < mean.size(); ++d) mean[d] += factor * vector[d];
  }
  double square = 0;
  for (const float x : mean) square += static_cast<double>(x) * x;
  const double rest = std::max(0.0, 1 - square);
  return {static_cast<float>(std::sqrt(square)), static_cast<float>(std::sqrt(rest / parts.space.dims())),
          order.length[members.front()]};
}

// Of points, for l2: their own mean stands for the centroid.
ListShape shape_of_points(const IvfParts& parts, const ListedItems& items,
                          std::span<const std::uint32_t> members) {
  const std::uint32_t dims = parts.space.dims();
  std::vector<double> sum(dims);
  double squares = 0;
  for (const std::uint32_t i : members) {
    const std::span<const float> vector = parts.vectors.row(items.rows[i]);
    for (std::uint32_t d = 0; d < dims; ++d) {
      sum[d] += vector[d];
      squares += static_cast<double>(vector[d]) * vector[d];
    }
  }
  const auto count = static_cast<double>(members.size());
  double of_mean = 0;
  for (const double x : sum) of_mean += x / count * (x / count);
  const double variance = std::max(0.0, squares / count - of_mean);
  return {static_cast<float>(variance / 2), static_cast<float>(std::sqrt(variance / dims)), 1};
}

}  // namespace

void pack_lists(IvfParts& parts, Centroids centroids, std::uint32_t lists, const ListedItems& items,
                const std::function<void(std::size_t, std::uint8_t*)>& write_code) {
  Order order = order_lists(parts.vectors, lists, items);
  const bool of_points = parts.space.metric() == Metric::l2;
  const auto positions = static_cast<std::uint32_t>(items.rows.size());
  const std::uint32_t blocks = (positions + kBlockItems - 1) / kBlockItems;
  const std::uint32_t code_bytes = parts.quantizer.code_bytes();
  auto memory = std::make_shared<IvfMemory>();
  memory->centroids = std::move(centroids.codes);
  memory->codes.assign(std::size_t{blocks} * kBlockItems * code_bytes, 0);
  memory->row_at.assign(std::size_t{blocks} * kBlockItems, 0);
  memory->live.assign(blocks, 0);
  memory->block_length.assign(blocks, 1);
  std::vector<std::uint8_t> one(code_bytes);
  for (std::uint32_t position = 0; position < positions; ++position) {
    const std::uint32_t i = order.items[position];
    const std::uint32_t block = position / kBlockItems;
    const std::uint32_t lane = position % kBlockItems;
    write_code(i, one.data());
    put_code(one.data(), code_bytes, memory->codes.data() + std::size_t{block} * kBlockItems * code_bytes,
             lane);
    memory->row_at[position] = items.rows[i];
    memory->live[block] |= static_cast<std::uint16_t>(1u << lane);
    if (lane == 0 && !of_points) memory->block_length[block] = order.length[i];
  }
  for (std::uint32_t list = 0; list < lists; ++list) {
    const auto members =
        std::span(order.items).subspan(order.begin[list], order.begin[list + 1] - order.begin[list]);
    memory->shapes.push_back(members.empty() ? ListShape{}
                             : of_points     ? shape_of_points(parts, items, members)
                                             : shape_of_directions(parts, items, order, members));
  }
  memory->list_begin = std::move(order.begin);

  parts.lists = lists;
  parts.items = positions;
  parts.centroid_scale = centroids.scale;
  parts.centroids = memory->centroids;
  parts.list_begin = memory->list_begin;
  parts.codes = memory->codes;
  parts.row_at = memory->row_at;
  parts.live = memory->live;
  parts.block_length = memory->block_length;
  parts.shapes = memory->shapes;
  parts.owner = std::move(memory);
}

}  // namespace winnow
