// A search of the inverted file, in the order in which it happens.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "index/collector.h"
#include "index/ivf_index.h"
#include "index/list_reach.h"

namespace winnow {

namespace {

// Positions from here on are slots of the fresh segment.
constexpr std::uint32_t kFreshBase = 0x80000000u;

// How much of a list is fetched while the one before it is scanned.
constexpr std::size_t kPrefetchBytes = 2048;

struct ProbedList {
  std::uint32_t list = 0;
  std::int32_t centroid_score = 0;
};

class Search final {
 public:
  Search(const IvfIndex& index, std::span<const float> query, const SearchOptions& options,
         const IvfChanges& changes)
      : parts_(index.parts()),
        kernels_(index.kernels()),
        width_(parts_.quantizer.parameters().width),
        dims_(parts_.vectors.dims),
        limit_(options.limit),
        effort_(index.effort_of(options)),
        filter_(options.filter),
        live_(changes.live != nullptr ? changes.live : parts_.live.data()),
        fresh_(changes.fresh),
        query_(parts_.space.query(query)) {}

  IvfAnswer run() {
    if (filter_ != nullptr && filter_->passing <= SearchFilter::kFew) return {score_few(), 0};
    AlignedFloats rotated = query_.vector;
    parts_.quantizer.rotation().apply(rotated);
    const float int8_scale = quantise(rotated, CodeWidth::int8, int8_);
    const float code_scale =
        width_ == CodeWidth::int8 ? int8_scale : quantise(rotated, CodeWidth::int4, int4_);
    const QueryBytes code_query = {width_ == CodeWidth::int8 ? int8_ : int4_, code_scale};
    const ListReach reach(parts_, rotated, {int8_, int8_scale}, code_query, effort_.reach);
    Collector candidates(effort_.rerank);
    if (filter_ == nullptr) {
      scan_lists(nearest_lists(effort_.nprobe), reach, candidates);
    } else {
      scan_until_fed(reach, candidates);
    }
    return {score(candidates.finish()), blocks_};
  }

 private:
  // Returns the scale.
  float quantise(std::span<const float> rotated, CodeWidth width, std::vector<std::int8_t>& to) const {
    to.resize(dims_);
    return Quantizer::quantise_query(rotated, width, to.data());
  }

  std::vector<ProbedList> nearest_lists(std::uint32_t count) const {
    Collector lists(count);
    // All but the last block's lanes are lists.
    const std::uint32_t blocks = (parts_.lists + kBlockItems - 1) / kBlockItems;
    std::array<std::uint16_t, 64> valid;
    for (std::uint32_t first = 0; first < blocks; first += valid.size()) {
      const auto run_blocks = std::min<std::uint32_t>(valid.size(), blocks - first);
      valid.fill(0xFFFF);
      const bool ends = first + run_blocks == blocks && parts_.lists % kBlockItems != 0;
      if (ends) valid[run_blocks - 1] = static_cast<std::uint16_t>((1u << parts_.lists % kBlockItems) - 1);
      const std::uint8_t* const codes = parts_.centroids.data() + std::size_t{first} * kBlockItems * dims_;
      kernels_.scan_int8({codes, valid.data(), nullptr, run_blocks, first * kBlockItems}, int8_.data(), dims_,
                         lists);
    }
    const auto found = lists.finish_sorted();
    std::vector<ProbedList> probed(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) probed[i] = {found[i], lists.score(i)};
    return probed;
  }

  void scan_lists(std::span<const ProbedList> lists, const ListReach& reach, Collector& candidates) {
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (i + 1 < lists.size()) prefetch(lists[i + 1].list);
      scan_list(lists[i], reach, candidates);
    }
  }

  void prefetch(std::uint32_t list) const {
    const std::uint8_t* const from = codes_of(list);
    for (std::size_t i = 0; i < kPrefetchBytes; i += 64) __builtin_prefetch(from + i);
    if (fresh_ != nullptr) {
      const std::uint32_t slot = fresh_->head(list);
      if (slot != FreshSegment::kNone) __builtin_prefetch(fresh_->code(slot));
    }
  }

  const std::uint8_t* codes_of(std::uint32_t list) const {
    return parts_.codes.data() + std::size_t{parts_.list_begin[list]} * parts_.quantizer.code_bytes();
  }

  // The packed items before the fresh ones: an item that moves from here to there is seen at least once.
  void scan_list(const ProbedList& probed, const ListReach& reach, Collector& candidates) {
    const std::uint32_t list = probed.list;
    const std::uint32_t begin = parts_.list_begin[list];
    const std::uint32_t block = begin / kBlockItems;
    const std::uint32_t blocks = reach.blocks(list, probed.centroid_score, candidates.threshold());
    blocks_ += blocks;
    const BlockRun run = {codes_of(list), live_ + block,
                          filter_ != nullptr ? filter_->blocks.data() + block : nullptr, blocks, begin};
    if (width_ == CodeWidth::int8) {
      kernels_.scan_int8(run, int8_.data(), dims_, candidates);
    } else {
      kernels_.scan_int4(run, int4_.data(), dims_, candidates);
    }
    if (fresh_ != nullptr) scan_fresh(list, candidates);
  }

  void scan_fresh(std::uint32_t list, Collector& candidates) const {
    for (std::uint32_t slot = fresh_->head(list); slot != FreshSegment::kNone; slot = fresh_->next(slot)) {
      if (!passes_fresh(slot)) continue;
      const std::int32_t score = width_ == CodeWidth::int8
                                     ? kernels_.score_int8(fresh_->code(slot), int8_.data(), dims_)
                                     : kernels_.score_int4(fresh_->code(slot), int4_.data(), dims_);
      if (score <= candidates.threshold()) continue;
      candidates.push(score, kFreshBase | slot);
      if (candidates.full()) candidates.cut();
    }
  }

  bool passes_fresh(std::uint32_t slot) const {
    return fresh_->live(slot) && (filter_ == nullptr || filter_->rows().contains(fresh_->row(slot)));
  }

  // Where few items of a list pass, more lists are read than nprobe: as many as it takes for the items that
  // pass and were scanned to reach a share of what an unfiltered search scans. The share falls with the
  // square root of the part that passes: the results then lie deeper among all items, and deeper ones are
  // found by proportionally fewer lists. A filter that is not fed by half as many lists again as one at
  // random would be holds what lies far from the query. The order of lists says little there, so everything
  // that passes is scanned.
  void scan_until_fed(const ListReach& reach, Collector& candidates) {
    const double part = static_cast<double>(filter_->passing) / std::max<std::uint32_t>(parts_.items, 1);
    const double unfiltered = static_cast<double>(parts_.items) / parts_.lists * effort_.nprobe;
    const double wanted = unfiltered * std::sqrt(part);
    const auto expected = static_cast<std::uint32_t>(
        std::min<double>(parts_.lists, std::ceil(1.5 * effort_.nprobe / std::sqrt(part)) + 16));
    double fed = 0;
    std::size_t done = 0;
    const std::vector<ProbedList> nearest = nearest_lists(expected);
    for (; done < nearest.size() && (done < effort_.nprobe || fed < wanted); ++done) {
      fed += filter_->passing_in_list[nearest[done].list];
      scan_list(nearest[done], reach, candidates);
    }
    if (fed >= wanted || nearest.size() == parts_.lists) return;
    const std::vector<ProbedList> all = nearest_lists(parts_.lists);
    for (; done < all.size(); ++done) scan_list(all[done], reach, candidates);
  }

  // Everything that passes, exactly.
  std::vector<ScoredRow> score_few() const {
    std::vector<std::uint32_t> candidates;
    candidates.reserve(filter_->few.size());
    for (const std::uint32_t position : filter_->few) {
      if ((__atomic_load_n(live_ + position / kBlockItems, __ATOMIC_ACQUIRE) >> position % kBlockItems & 1) !=
          0) {
        candidates.push_back(position);
      }
    }
    const std::uint32_t fresh_size = fresh_ != nullptr ? fresh_->size() : 0;
    for (std::uint32_t slot = 0; slot < fresh_size; ++slot) {
      if (passes_fresh(slot)) candidates.push_back(kFreshBase | slot);
    }
    return score(candidates);
  }

  std::vector<ScoredRow> score(std::span<const std::uint32_t> candidates) const {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> slots;
    rows.reserve(candidates.size());
    for (const std::uint32_t position : candidates) {
      if (position >= kFreshBase) {
        slots.push_back(position - kFreshBase);
      } else {
        rows.push_back(parts_.row_at[position]);
      }
    }
    std::vector<ScoredRow> scored;
    if (!slots.empty()) scored = score_fresh(std::move(slots), rows);
    append_exact(kernels_, parts_.vectors, rows, query_, scored);
    return best_of(std::move(scored), limit_);
  }

  // Scores fresh slots, the newest of each row. A row that was upserted during the search may have been seen
  // twice: its older version is dropped, from `rows` too.
  std::vector<ScoredRow> score_fresh(std::vector<std::uint32_t> slots,
                                     std::vector<std::uint32_t>& rows) const {
    std::sort(slots.begin(), slots.end(), [&](std::uint32_t a, std::uint32_t b) {
      return fresh_->row(a) != fresh_->row(b) ? fresh_->row(a) < fresh_->row(b) : a > b;
    });
    const auto same_row = [&](std::uint32_t a, std::uint32_t b) { return fresh_->row(a) == fresh_->row(b); };
    slots.erase(std::unique(slots.begin(), slots.end(), same_row), slots.end());
    for (const std::uint32_t slot : slots) std::erase(rows, fresh_->row(slot));
    std::vector<ScoredRow> scored;
    append_exact(kernels_, fresh_->vectors(), slots, query_, scored);
    for (std::size_t i = 0; i < scored.size(); ++i) scored[i].item = fresh_->row(slots[i]);
    return scored;
  }

  const IvfParts& parts_;
  const ScanKernels& kernels_;
  CodeWidth width_;
  std::uint32_t dims_;
  std::size_t limit_;
  SearchEffort effort_;
  const SearchFilter* filter_;
  const std::uint16_t* live_;
  const FreshSegment* fresh_;
  MetricSpace::Query query_;
  std::uint64_t blocks_ = 0;       // scanned
  std::vector<std::int8_t> int8_;  // the query for centroids, and for int8 codes
  std::vector<std::int8_t> int4_;  // for int4 codes
};

}  // namespace

std::vector<ScoredRow> IvfIndex::search(std::span<const float> query, const SearchOptions& options) const {
  return answer(query, options, {}).rows;
}

IvfAnswer IvfIndex::answer(std::span<const float> query, const SearchOptions& options,
                           const IvfChanges& changes) const {
  WINNOW_CHECK(query.size() == parts_.space.dims());
  if (options.limit == 0) return {};
  return Search(*this, query, options, changes).run();
}

}  // namespace winnow
