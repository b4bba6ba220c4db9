// Lays coded items out in the lists of an inverted file: whole blocks of sixteen, each list in order of row.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/ivf_index.h"
#include "index/kmeans.h"

namespace winnow {

// The memory behind IvfParts' spans.
struct IvfMemory {
  AlignedBytes centroids;
  std::vector<std::uint32_t> list_begin;
  AlignedBytes codes;
  std::vector<std::uint32_t> row_at;
  std::vector<std::uint16_t> live;
};

// Items by row, rising, and the list of each.
struct ListedItems {
  std::span<const std::uint32_t> rows;
  std::span<const std::uint32_t> list_of;
};

// Fills all of `parts` but its space, quantizer, vectors and trained_items. code(i, out) writes the code of
// items.rows[i].
template <class WriteCode>
void pack_lists(IvfParts& parts, AlignedBytes centroids, std::uint32_t lists, const ListedItems& items,
                const WriteCode& code) {
  auto memory = std::make_shared<IvfMemory>();
  memory->centroids = std::move(centroids);
  std::vector<std::uint32_t>& begin = memory->list_begin;
  begin.assign(std::size_t{lists} + 1, 0);
  for (const std::uint32_t list : items.list_of) ++begin[list + 1];
  for (std::uint32_t list = 0; list < lists; ++list) {
    begin[list + 1] = begin[list] + (begin[list + 1] + kBlockItems - 1) / kBlockItems * kBlockItems;
  }
  const std::uint32_t positions = begin.back();
  const std::uint32_t code_bytes = parts.quantizer.code_bytes();
  memory->codes.assign(std::size_t{positions} * code_bytes, 0);
  memory->row_at.assign(positions, 0);
  memory->live.assign(positions / kBlockItems, 0);

  std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
  std::vector<std::uint8_t> one(code_bytes);
  for (std::size_t i = 0; i < items.rows.size(); ++i) {
    const std::uint32_t position = next[items.list_of[i]]++;
    const std::uint32_t block = position / kBlockItems;
    const std::uint32_t lane = position % kBlockItems;
    code(i, one.data());
    put_code(one.data(), code_bytes, memory->codes.data() + std::size_t{block} * kBlockItems * code_bytes,
             lane);
    memory->row_at[position] = items.rows[i];
    memory->live[block] |= static_cast<std::uint16_t>(1u << lane);
  }

  parts.lists = lists;
  parts.items = static_cast<std::uint32_t>(items.rows.size());
  parts.centroids = memory->centroids;
  parts.list_begin = memory->list_begin;
  parts.codes = memory->codes;
  parts.row_at = memory->row_at;
  parts.live = memory->live;
  parts.owner = std::move(memory);
}

}  // namespace winnow
