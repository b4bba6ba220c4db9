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

ListShape shape_of(const IvfParts& parts, const ListedItems& items, const Order& order, std::uint32_t list) {
  const std::uint32_t first = order.begin[list];
  const std::uint32_t last = order.begin[list + 1];
  if (first == last) return {};
  std::vector<float> mean(parts.vectors.dims);
  for (std::uint32_t at = first; at < last; ++at) {
    const std::uint32_t i = order.items[at];
    if (order.length[i] == 0) continue;
    const std::span<const float> vector = parts.vectors.row(items.rows[i]);
    const float factor = 1 / (order.length[i] * static_cast<float>(last - first));
    for (std::size_t d = 0; d < mean.size(); ++d) mean[d] += factor * vector[d];
  }
  double square = 0;
  for (const float x : mean) square += static_cast<double>(x) * x;
  const double rest = std::max(0.0, 1 - square);
  return {static_cast<float>(std::sqrt(square)), static_cast<float>(std::sqrt(rest / parts.space.dims()))};
}

}  // namespace

void pack_lists(IvfParts& parts, Centroids centroids, std::uint32_t lists, const ListedItems& items,
                const std::function<void(std::size_t, std::uint8_t*)>& write_code) {
  const Order order = order_lists(parts.vectors, lists, items);
  auto memory = std::make_shared<IvfMemory>();
  memory->centroids = std::move(centroids.codes);
  std::vector<std::uint32_t>& begin = memory->list_begin;
  begin.assign(1, 0);
  for (std::uint32_t list = 0; list < lists; ++list) {
    const std::uint32_t size = order.begin[list + 1] - order.begin[list];
    begin.push_back(begin.back() + (size + kBlockItems - 1) / kBlockItems * kBlockItems);
  }
  const std::uint32_t positions = begin.back();
  const std::uint32_t code_bytes = parts.quantizer.code_bytes();
  memory->codes.assign(std::size_t{positions} * code_bytes, 0);
  memory->row_at.assign(positions, 0);
  memory->live.assign(positions / kBlockItems, 0);
  memory->block_length.assign(positions / kBlockItems, 0);
  std::vector<std::uint8_t> one(code_bytes);
  for (std::uint32_t list = 0; list < lists; ++list) {
    memory->shapes.push_back(shape_of(parts, items, order, list));
    for (std::uint32_t at = order.begin[list]; at < order.begin[list + 1]; ++at) {
      const std::uint32_t i = order.items[at];
      const std::uint32_t position = begin[list] + (at - order.begin[list]);
      const std::uint32_t block = position / kBlockItems;
      const std::uint32_t lane = position % kBlockItems;
      write_code(i, one.data());
      put_code(one.data(), code_bytes, memory->codes.data() + std::size_t{block} * kBlockItems * code_bytes,
               lane);
      memory->row_at[position] = items.rows[i];
      memory->live[block] |= static_cast<std::uint16_t>(1u << lane);
      if (lane == 0) memory->block_length[block] = order.length[i];
    }
  }

  parts.lists = lists;
  parts.items = static_cast<std::uint32_t>(items.rows.size());
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
