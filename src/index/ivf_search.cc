// A search of the inverted file, in the order in which it happens.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "index/collector.h"
#include "index/ivf_index.h"
#include "index/list_reach.h"
#include "index/query_codes.h"

namespace winnow {

namespace {

// Positions from here on are slots of the fresh segment.
constexpr std::uint32_t kFreshBase = 0x80000000u;

// How much of what is read of a list is fetched while the one before it is scanned.
constexpr std::size_t kPrefetchBytes = 2048;

// How far the score of a code may lie from the vector's own, in standard deviations, for a filtered search to
// still take it into account.
constexpr float kCodeErrors = 3;

// A filtered search ends when the lists that it did not read are expected to hold this part of the results
// that the recall aimed at may miss: expectations are too low, since the tails of lists are heavier than
// normal.
constexpr float kExpectedMiss = 0.06f;
constexpr float kUntunedRecall = 0.95f;

struct ProbedList {
  std::uint32_t list = 0;
  std::int32_t centroid_score = 0;
  float promise = 0;  // what lists are read in order of
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
        tuning_(index.profile().tuning),
        filter_(options.filter),
        live_(changes.live != nullptr ? changes.live : parts_.live.data()),
        fresh_(changes.fresh),
        query_(parts_.space.query(query)),
        codes_(parts_, query_.vector),
        reach_(parts_, codes_, effort_.reach) {}

  IvfAnswer run() {
    std::vector<ScoredRow> best = filter_ == nullptr                       ? search_all()
                                  : filter_->passing <= SearchFilter::kFew ? score_few()
                                                                           : search_filtered();
    return {std::move(best), blocks_};
  }

 private:
  std::vector<ScoredRow> search_all() {
    Collector candidates(effort_.rerank);
    scan_lists(nearest_lists(effort_.nprobe), candidates);
    return score(candidates.finish());
  }

  // Those that may hold the highest products, best first: a list of long vectors goes before a nearer one of
  // short ones, so the threshold is soon so high that most of the others need not be read.
  std::vector<ProbedList> nearest_lists(std::uint32_t count) const {
    std::vector<ProbedList> lists = all_lists();
    for (ProbedList& one : lists)
      one.promise = reach_.promise(one.list, one.centroid_score, longest_fresh_in(one.list));
    return best_first(lists, count);
  }

  // The first `count` by falling promise, to a step of their range, of which there are sixteen a list and at
  // most 4096: sorted by counting, since to sort thousands exactly would take as long as to read hundreds.
  static std::vector<ProbedList> best_first(std::span<const ProbedList> lists, std::size_t count) {
    constexpr std::size_t kMostSteps = 4096;
    const std::size_t steps = std::clamp<std::size_t>(16 * lists.size(), 1, kMostSteps);
    const auto [least, most] = std::ranges::minmax(lists, {}, &ProbedList::promise);
    const float unit = static_cast<float>(steps - 1) / std::max(most.promise - least.promise, 1e-30f);
    const auto step_of = [&](const ProbedList& one) {
      const float step = (most.promise - one.promise) * unit;
      return step < static_cast<float>(steps) ? static_cast<std::size_t>(step) : steps - 1;
    };
    std::array<std::uint32_t, kMostSteps + 1> begin;
    std::fill_n(begin.begin(), steps + 1, 0u);
    for (const ProbedList& one : lists) ++begin[step_of(one) + 1];
    std::partial_sum(begin.begin(), begin.begin() + static_cast<std::ptrdiff_t>(steps + 1), begin.begin());
    std::vector<ProbedList> sorted(lists.size());
    for (const ProbedList& one : lists) sorted[begin[step_of(one)]++] = one;
    sorted.resize(std::min(count, sorted.size()));
    return sorted;
  }

  static bool more_promising(const ProbedList& a, const ProbedList& b) {
    return a.promise != b.promise ? a.promise > b.promise : a.list < b.list;
  }

  float longest_fresh_in(std::uint32_t list) const {
    return fresh_ != nullptr && fresh_->head(list) != FreshSegment::kNone ? fresh_->longest() : 0;
  }

  // In no order.
  std::vector<ProbedList> all_lists() const {
    Collector all(parts_.lists);
    scan_centroids(all);
    const std::span<const std::uint32_t> found = all.finish();
    std::vector<ProbedList> made(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) made[i] = {found[i], all.score(i), 0};
    return made;
  }

  void scan_centroids(Collector& lists) const {
    kernels_.scan_int8({parts_.centroids.data(), nullptr, nullptr, 0, parts_.lists}, codes_.for_centroids(),
                       dims_, lists);
  }

  void scan_lists(std::span<const ProbedList> lists, Collector& candidates) {
    if (lists.empty()) return;
    BlockRun next = run_of(lists[0], candidates);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const BlockRun run = next;
      if (i + 1 < lists.size()) {
        // By the threshold as it is before this list: what comes is read a little too far rather than late.
        next = run_of(lists[i + 1], candidates);
        prefetch(lists[i + 1].list, next);
      }
      scan_list(lists[i].list, run, candidates);
    }
  }

  // What is worth reading of a list.
  BlockRun run_of(const ProbedList& probed, const Collector& candidates) const {
    return {parts_.codes.data(), live_, filter_ != nullptr ? filter_->blocks.data() : nullptr,
            parts_.list_begin[probed.list],
            reach_.end(probed.list, probed.centroid_score, candidates.threshold())};
  }

  void prefetch(std::uint32_t list, const BlockRun& run) const {
    if (run.end > run.begin) {
      const std::size_t size = block_bytes(dims_, width_);
      const std::uint8_t* const from = parts_.codes.data() + run.first_block() * size;
      const std::size_t bytes = std::min(kPrefetchBytes, (run.end_block() - run.first_block()) * size);
      for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + i);
    }
    if (fresh_ != nullptr) {
      const std::uint32_t slot = fresh_->head(list);
      if (slot != FreshSegment::kNone) __builtin_prefetch(fresh_->code(slot));
    }
  }

  // The packed items before the fresh ones: an item that moves from here to there is seen at least once.
  void scan_list(std::uint32_t list, const BlockRun& run, Collector& candidates) {
    if (run.end > run.begin) {
      blocks_ += run.end_block() - run.first_block();
      (width_ == CodeWidth::int8 ? kernels_.scan_int8 : kernels_.scan_int4)(run, codes_.for_codes(), dims_,
                                                                            candidates);
    }
    if (fresh_ != nullptr) scan_fresh(list, candidates);
  }

  void scan_fresh(std::uint32_t list, Collector& candidates) const {
    const auto score_code = width_ == CodeWidth::int8 ? kernels_.score_int8 : kernels_.score_int4;
    for (std::uint32_t slot = fresh_->head(list); slot != FreshSegment::kNone; slot = fresh_->next(slot)) {
      if (!passes_fresh(slot)) continue;
      const std::int32_t score = score_code(fresh_->code(slot), codes_.for_codes(), dims_);
      if (score <= candidates.threshold()) continue;
      candidates.push(score, kFreshBase | slot);
      if (candidates.full()) candidates.cut();
    }
  }

  bool passes_fresh(std::uint32_t slot) const {
    return fresh_->live(slot) && (filter_ == nullptr || filter_->rows().contains(fresh_->row(slot)));
  }

  // A filter may hold what lies near the query, far from it, or anything. So lists are read in rounds, twice
  // as many each time, until those that remain are expected to hold next to none of the results; and whatever
  // the errors of codes may have hidden is scored exactly.
  std::vector<ScoredRow> search_filtered() {
    Collector candidates(effort_.rerank, codes_.code_steps(2 * kCodeErrors * codes_.code_error()));
    std::vector<ProbedList> lists = passing_lists();
    std::span<ProbedList> left(lists);
    for (std::size_t most = effort_.nprobe; !left.empty(); most *= 2) {
      const std::size_t count = choose_lists(left, most, candidates);
      if (count == 0) break;
      scan_lists(left.first(count), candidates);
      left = left.subspan(count);
    }
    return refine(candidates);
  }

  // In no order.
  std::vector<ProbedList> passing_lists() const {
    std::vector<ProbedList> lists = all_lists();
    std::erase_if(lists, [&](const ProbedList& one) { return passing_in(one.list) == 0; });
    return lists;
  }

  // Fresh items are counted as one a list: the chains of most lists are short.
  std::uint32_t passing_in(std::uint32_t list) const {
    const bool fresh = fresh_ != nullptr && fresh_->head(list) != FreshSegment::kNone;
    return filter_->passing_in_list[list] + (fresh ? 1 : 0);
  }

  // How many results the lists that are not read may be expected to hold.
  float allowed_miss() const {
    const float recall = tuning_.limit > 0 ? tuning_.target_recall : kUntunedRecall;
    return kExpectedMiss * (1 - recall) * static_cast<float>(limit_);
  }

  // Brings the lists to be read next to the front and returns how many they are, at most `most`; 0 when the
  // results are found.
  std::size_t choose_lists(std::span<ProbedList> lists, std::size_t most, Collector& candidates) const {
    most = std::min(most, lists.size());
    const auto last = lists.begin() + static_cast<std::ptrdiff_t>(most);
    if (candidates.size() < limit_) {
      std::partial_sort(lists.begin(), last, lists.end(), [](const ProbedList& a, const ProbedList& b) {
        return a.centroid_score != b.centroid_score ? a.centroid_score > b.centroid_score : a.list < b.list;
      });
      return most;
    }
    const float worst = codes_.code_product(candidates.score_at_rank(limit_));
    float left = 0;
    for (ProbedList& one : lists) {
      one.promise = reach_.expected_above(one.list, one.centroid_score, worst,
                                          static_cast<float>(passing_in(one.list)));
      left += one.promise;
    }
    std::partial_sort(lists.begin(), last, lists.end(), more_promising);
    std::size_t count = 0;
    for (; count < most && left > allowed_miss(); ++count) left -= lists[count].promise;
    return count;
  }

  // The best candidates exactly, and then all others whose codes do not rule out that they belong to the
  // results.
  std::vector<ScoredRow> refine(Collector& candidates) const {
    const std::span<const std::uint32_t> found = candidates.finish();
    const std::size_t first = std::min<std::size_t>(effort_.rerank, found.size());
    std::vector<ScoredRow> best = score(found.first(first));
    if (first == found.size()) return best;
    if (best.size() < limit_) return score(found);
    const float worst = (best.back().score - query_.offset) / query_.scale;
    std::vector<std::uint32_t> chosen(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(first));
    for (std::size_t i = first; i < found.size(); ++i) {
      if (codes_.code_product(candidates.score(i)) >= worst - kCodeErrors * codes_.code_error()) {
        chosen.push_back(found[i]);
      }
    }
    return chosen.size() == first ? best : score(chosen);
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
    std::erase_if(rows, [&](std::uint32_t row) {
      const auto at = std::partition_point(slots.begin(), slots.end(),
                                           [&](std::uint32_t slot) { return fresh_->row(slot) < row; });
      return at != slots.end() && fresh_->row(*at) == row;
    });
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
  const Tuning& tuning_;
  const SearchFilter* filter_;
  const std::uint16_t* live_;
  const FreshSegment* fresh_;
  MetricSpace::Query query_;
  QueryCodes codes_;
  ListReach reach_;
  std::uint64_t blocks_ = 0;  // scanned
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
