#include "index/ivf_index.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "index/flat_index.h"

namespace winnow {

IvfIndex::IvfIndex(IvfParts parts, CpuLevel cpu)
    : parts_(std::move(parts)), cpu_(cpu), kernels_(&scan_kernels(cpu)) {}

IndexInfo IvfIndex::info() const {
  IndexInfo info;
  const bool int8 = parts_.quantizer.parameters().width == CodeWidth::int8;
  info.kind = int8 ? IndexKind::ivf_int8 : IndexKind::ivf_int4;
  info.metric = parts_.space.metric();
  info.dims = parts_.space.dims();
  info.rows = parts_.vectors.rows;
  info.items = parts_.items;
  info.lists = parts_.lists;
  info.search_bytes = parts_.centroids.size() + parts_.list_begin.size_bytes() + parts_.codes.size() +
                      parts_.row_at.size_bytes() + parts_.live.size_bytes() +
                      parts_.block_length.size_bytes() + parts_.shapes.size_bytes();
  info.vector_bytes = std::uint64_t{parts_.vectors.rows} * parts_.vectors.dims * sizeof(float);
  info.cpu = cpu_;
  return info;
}

SearchEffort IvfIndex::effort_of(const SearchOptions& options) const {
  const Tuning& tuned = profile().tuning;
  const bool is_tuned = tuned.limit > 0;
  const double limit = static_cast<double>(std::max<std::size_t>(options.limit, 1));
  // Untuned: what learned vectors took at recall@50 = 0.95. The further down a list of results lies, the more
  // lists share it, but slowly.
  const double base_limit = is_tuned ? tuned.limit : 50;
  const double base_nprobe = is_tuned ? tuned.effort.nprobe : std::max(8.0, 0.015 * parts_.lists);
  const double base_rerank =
      is_tuned ? tuned.effort.rerank : (parts_.quantizer.parameters().width == CodeWidth::int8 ? 150 : 400);
  SearchEffort effort = options.effort;
  if (effort.nprobe == 0) {
    const double growth = limit > base_limit ? std::sqrt(limit / base_limit) : 1;
    effort.nprobe = static_cast<std::uint32_t>(std::ceil(base_nprobe * growth));
  }
  if (effort.rerank == 0) {
    const double growth = std::max(limit / base_limit, 0.25);
    effort.rerank = static_cast<std::uint32_t>(std::ceil(base_rerank * growth));
  }
  if (effort.reach == 0) effort.reach = is_tuned ? tuned.effort.reach : 4.5f;
  effort.nprobe = std::min(effort.nprobe, parts_.lists);
  effort.rerank = static_cast<std::uint32_t>(std::max<std::size_t>(effort.rerank, options.limit));
  return effort;
}

double IvfIndex::price_of(double blocks, const SearchEffort& effort) const {
  // Exact scores are gathered from all over memory, which costs about three times as much a byte as a scan; a
  // list that is looked at, be it passed over, costs some 60 ns.
  constexpr double kPerList = 640;
  const double per_exact = 3.0 * parts_.vectors.dims * sizeof(float);
  const double per_block = static_cast<double>(kBlockItems) * parts_.quantizer.code_bytes();
  return static_cast<double>(parts_.centroids.size()) + effort.nprobe * kPerList + blocks * per_block +
         effort.rerank * per_exact;
}

std::shared_ptr<const SearchFilter> IvfIndex::prepare_filter(RowSet rows) const {
  auto filter = std::make_shared<SearchFilter>(std::move(rows));
  filter->blocks.resize(parts_.live.size());
  for (std::uint32_t block = 0; block < parts_.live.size(); ++block) {
    unsigned bits = 0;
    for (unsigned live = parts_.live[block]; live != 0; live &= live - 1) {
      const auto lane = static_cast<std::uint32_t>(std::countr_zero(live));
      if (filter->rows().contains(parts_.row_at[block * kBlockItems + lane])) bits |= 1u << lane;
    }
    filter->blocks[block] = static_cast<std::uint16_t>(bits);
  }
  filter->passing_in_list.resize(parts_.lists);
  for (std::uint32_t list = 0; list < parts_.lists; ++list) {
    const BlockRun run = {nullptr, filter->blocks.data(), nullptr, parts_.list_begin[list],
                          parts_.list_begin[list + 1]};
    for (std::uint32_t block = run.first_block(); block < run.end_block(); ++block) {
      filter->passing_in_list[list] += static_cast<std::uint32_t>(std::popcount(run.lanes(block)));
    }
    filter->passing += filter->passing_in_list[list];
  }
  if (filter->passing <= SearchFilter::kFew) {
    for (std::uint32_t block = 0; block < filter->blocks.size(); ++block) {
      for (unsigned bits = filter->blocks[block]; bits != 0; bits &= bits - 1) {
        filter->few.push_back(block * kBlockItems + static_cast<std::uint32_t>(std::countr_zero(bits)));
      }
    }
  }
  return filter;
}

std::unique_ptr<FlatIndex> IvfIndex::exact() const {
  std::vector<std::uint32_t> rows;
  rows.reserve(parts_.items);
  for (std::uint32_t block = 0; block < parts_.live.size(); ++block) {
    for (unsigned live = parts_.live[block]; live != 0; live &= live - 1) {
      rows.push_back(parts_.row_at[block * kBlockItems + static_cast<std::uint32_t>(std::countr_zero(live))]);
    }
  }
  std::sort(rows.begin(), rows.end());
  return std::make_unique<FlatIndex>(parts_.space, parts_.vectors, std::move(rows), cpu_);
}

}  // namespace winnow
