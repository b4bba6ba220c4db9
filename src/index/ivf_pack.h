// Lays coded items out in the lists of an inverted file: in blocks of sixteen without gaps, each list by
// falling length of its vectors.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "index/ivf_index.h"
#include "index/kmeans.h"

namespace winnow {

// Items by row, rising, and the list of each.
struct ListedItems {
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> list_of;
};

// Fills all of `parts` but its space, quantizer, vectors and trained_items. write_code(i, out) writes the
// code of items.rows[i]. O(items * (dims + log items)).
void pack_lists(IvfParts& parts, Centroids centroids, std::uint32_t lists, const ListedItems& items,
                const std::function<void(std::size_t, std::uint8_t*)>& write_code);

}  // namespace winnow
