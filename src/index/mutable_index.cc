#include "index/mutable_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "index/ivf_build.h"
#include "index/ivf_pack.h"
#include "index/kmeans.h"

namespace winnow {

namespace {

// Where a row is: nowhere, at a position of main, or in a slot of the fresh segment.
constexpr std::uint32_t kNowhere = 0xFFFFFFFFu;
constexpr std::uint32_t kFreshBit = 0x80000000u;

// A segment outlasts a merge that takes as long as its filling did.
constexpr std::uint32_t kCapacityFactor = 3;

// Centroids serve until the index has grown by this factor since they were found.
constexpr std::uint32_t kRebuildGrowth = 2;

std::vector<std::uint32_t> locations_of(const IvfParts& parts, std::size_t rows) {
  std::vector<std::uint32_t> location(std::max<std::size_t>(rows, parts.vectors.rows), kNowhere);
  for (std::uint32_t block = 0; block < parts.live.size(); ++block) {
    for (unsigned bits = parts.live[block]; bits != 0; bits &= bits - 1) {
      const std::uint32_t position = block * kBlockItems + static_cast<std::uint32_t>(std::countr_zero(bits));
      location[parts.row_at[position]] = position;
    }
  }
  return location;
}

}  // namespace

// What a search pins: one main part and what changed since it was packed.
struct MutableIndex::State {
  State(std::shared_ptr<const IvfIndex> packed, std::uint32_t fresh_capacity)
      : main(std::move(packed)),
        live(main->parts().live.begin(), main->parts().live.end()),
        fresh(fresh_capacity, main->parts().lists, main->parts().vectors.dims,
              main->parts().quantizer.code_bytes()) {}

  std::shared_ptr<const IvfIndex> main;
  std::vector<std::uint16_t> live;  // main's, less what was erased or replaced; words change atomically
  FreshSegment fresh;
};

MutableIndex::MutableIndex(std::shared_ptr<const IvfIndex> main, const MutableIndexOptions& options)
    : options_(options) {
  options_.rebuild.kind = main->info().kind;
  options_.rebuild.metric = main->info().metric;
  options_.rebuild.cpu = main->cpu();
  MutexLock lock(writer_mutex_);
  items_ = main->parts().items;
  location_ = locations_of(main->parts(), 0);
  Pinned first = make_state(std::move(main), 0);
  state_ = std::move(first.state);
  released_ = std::move(first.released);
  published_.publish(state_);
  if (options_.background) merger_ = std::thread([this] { merge_in_background(); });
}

Result<std::unique_ptr<MutableIndex>> MutableIndex::open(std::unique_ptr<VectorIndex> index,
                                                         const MutableIndexOptions& options) {
  auto* const ivf = dynamic_cast<IvfIndex*>(index.get());
  if (ivf == nullptr) {
    return Error{ErrorCode::invalid,
                 fmt::format("an index of kind {} takes no changes: use ivf_int8 or ivf_int4",
                             name_of(index->info().kind)),
                 "kind"};
  }
  static_cast<void>(index.release());
  return std::unique_ptr<MutableIndex>(new MutableIndex(std::shared_ptr<const IvfIndex>(ivf), options));
}

MutableIndex::~MutableIndex() {
  {
    MutexLock lock(writer_mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (merger_.joinable()) merger_.join();
}

std::uint32_t MutableIndex::merge_threshold(std::uint32_t items) const {
  return options_.merge_at != 0 ? options_.merge_at : std::max(items / 64, 1024u);
}

MutableIndex::Pinned MutableIndex::make_state(std::shared_ptr<const IvfIndex> main,
                                              std::uint32_t least_capacity) const {
  const std::uint32_t capacity =
      std::max(kCapacityFactor * merge_threshold(main->parts().items), least_capacity);
  auto made = std::make_unique<State>(std::move(main), capacity);
  auto promise = std::make_shared<std::promise<std::unique_ptr<State>>>();
  auto released = promise->get_future();
  return {std::shared_ptr<State>(
              made.release(), [promise](State* state) { promise->set_value(std::unique_ptr<State>(state)); }),
          std::move(released)};
}

std::vector<ScoredRow> MutableIndex::search(std::span<const float> query,
                                            const MutableSearchOptions& options) const {
  const std::shared_ptr<const State> state = published_.pin();
  SearchOptions plain;
  plain.limit = options.limit;
  plain.effort = options.effort;
  std::shared_ptr<const MutableFilter::Prepared> prepared;
  if (options.filter != nullptr) {
    prepared = options.filter->prepared_.pin();
    if (prepared == nullptr || prepared->main != state->main) {
      // Several searches may prepare the same at once; each is right, the last one stays.
      prepared = std::make_shared<MutableFilter::Prepared>(
          MutableFilter::Prepared{state->main, state->main->prepare_filter(options.filter->rows_)});
      options.filter->prepared_.publish(prepared);
    }
    plain.filter = prepared->filter.get();
  }
  return state->main->answer(query, plain, {state->live.data(), &state->fresh}).rows;
}

// Stored as it is and coded for the list that it belongs to.
void MutableIndex::append(State& state, std::uint32_t row, std::span<const float> stored) {
  const IvfParts& parts = state.main->parts();
  const StoredVectors one = {stored.data(), parts.vectors.dims, 1, nullptr};
  const std::uint32_t only = 0;
  const ClusteringInput input = {
      parts.space, parts.quantizer.rotation(), one, {&only, 1}, state.main->kernels()};
  const std::uint32_t list = nearest_lists(input, parts.centroids, parts.lists, 1).front();
  std::vector<float> scratch(parts.vectors.dims);
  std::vector<std::uint8_t> code(parts.quantizer.code_bytes());
  parts.quantizer.encode(stored, scratch, code.data());
  const std::uint32_t slot = state.fresh.append(row, list, stored, code);
  if (row >= location_.size()) location_.resize(std::size_t{row} + 1, kNowhere);
  location_[row] = kFreshBit | slot;
}

void MutableIndex::forget(State& state, std::uint32_t location) const {
  if (location == kNowhere) return;
  if ((location & kFreshBit) != 0) {
    state.fresh.erase(location & ~kFreshBit);
  } else {
    const auto bit = static_cast<std::uint16_t>(1u << location % kBlockItems);
    std::atomic_ref(state.live[location / kBlockItems])
        .fetch_and(static_cast<std::uint16_t>(~bit), std::memory_order_release);
  }
}

Status MutableIndex::upsert(std::uint32_t row, std::span<const float> vector) {
  if (row >= (1u << 30)) {
    return Error{ErrorCode::too_large, fmt::format("row {}: rows end at {}", row, (1u << 30) - 1), "row"};
  }
  for (;;) {
    {
      MutexLock lock(writer_mutex_);
      const MetricSpace& space = state_->main->parts().space;
      if (vector.size() != space.dims()) {
        return Error{
            ErrorCode::invalid,
            fmt::format("a vector of {} numbers: the index has {} dimensions", vector.size(), space.dims()),
            "vector"};
      }
      if (!std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); })) {
        return Error{ErrorCode::invalid,
                     fmt::format("the vector of row {} has a number that is not finite", row), "vector"};
      }
      while (options_.background && state_->fresh.size() == state_->fresh.capacity()) lock.wait(changed_);
      if (state_->fresh.size() < state_->fresh.capacity()) {
        AlignedFloats stored(state_->main->parts().vectors.dims);
        state_->main->parts().space.store(vector, stored);
        const std::uint32_t before = row < location_.size() ? location_[row] : kNowhere;
        append(*state_, row, stored);
        forget(*state_, before);
        if (before == kNowhere) ++items_;
        if (merging_) changed_rows_.insert(row);
        if (state_->fresh.size() >= merge_threshold(state_->main->parts().items)) changed_.notify_all();
        return {};
      }
    }
    merge();
  }
}

bool MutableIndex::erase(std::uint32_t row) {
  MutexLock lock(writer_mutex_);
  if (row >= location_.size() || location_[row] == kNowhere) return false;
  forget(*state_, location_[row]);
  location_[row] = kNowhere;
  --items_;
  if (merging_) changed_rows_.insert(row);
  return true;
}

std::shared_ptr<const IvfIndex> MutableIndex::main() const { return published_.pin()->main; }

MutableIndex::Stats MutableIndex::stats() const {
  MutexLock lock(writer_mutex_);
  return {items_, state_->fresh.size(), merges_, rebuilds_};
}

void MutableIndex::merge_in_background() {
  for (;;) {
    {
      MutexLock lock(writer_mutex_);
      while (!stopping_ && state_->fresh.size() < merge_threshold(state_->main->parts().items))
        lock.wait(changed_);
      if (stopping_) return;
    }
    merge();
  }
}

// The work of one merge outside the locks: everything that was live when it began, packed anew.
class MutableIndex::Merge final {
 public:
  // Called with the writer's lock held: takes note of what is live.
  Merge(std::shared_ptr<const State> from, const std::vector<std::uint32_t>& location,
        const IndexOptions& rebuild)
      : from_(std::move(from)), location_(location), rebuild_(rebuild) {}

  bool finds_centroids() const {
    std::uint64_t items = 0;
    for (const std::uint32_t location : location_) items += location != kNowhere ? 1 : 0;
    return items > std::uint64_t{kRebuildGrowth} * std::max(from_->main->parts().trained_items, 1u);
  }

  std::unique_ptr<IvfIndex> run(bool find_centroids) const {
    const IvfParts& old = from_->main->parts();
    const StoredVectors vectors = merged_vectors();
    std::unique_ptr<IvfIndex> merged;
    if (find_centroids) {
      RowSet present(vectors.rows);
      for (std::uint32_t row = 0; row < location_.size(); ++row) {
        if (location_[row] != kNowhere) present.insert(row);
      }
      merged = build_ivf(old.space, vectors, present, rebuild_);
    } else {
      IvfParts parts = {old.space, old.quantizer, vectors};
      parts.trained_items = old.trained_items;
      pack(parts);
      merged = std::make_unique<IvfIndex>(std::move(parts), from_->main->cpu());
    }
    merged->set_profile(from_->main->profile());
    return merged;
  }

 private:
  StoredVectors merged_vectors() const {
    const StoredVectors& old = from_->main->parts().vectors;
    auto memory = std::make_shared<AlignedFloats>();
    const auto rows = static_cast<std::uint32_t>(location_.size());
    memory->resize(std::size_t{rows} * old.dims);
    const std::size_t kept = std::size_t{std::min(rows, old.rows)} * old.dims;
    std::copy(old.data, old.data + kept, memory->begin());
    std::fill(memory->begin() + static_cast<std::ptrdiff_t>(kept), memory->end(), 0.0f);
    const StoredVectors fresh = from_->fresh.vectors();
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (location_[row] == kNowhere || (location_[row] & kFreshBit) == 0) continue;
      const std::span<const float> vector = fresh.row(location_[row] & ~kFreshBit);
      std::copy(vector.begin(), vector.end(),
                memory->begin() + static_cast<std::ptrdiff_t>(std::size_t{row} * old.dims));
    }
    const float* const data = memory->data();
    return {data, old.dims, rows, std::move(memory)};
  }

  // Codes and lists stay as they are; only places change.
  void pack(IvfParts& parts) const {
    const IvfParts& old = from_->main->parts();
    std::vector<std::uint32_t> list_of_row(location_.size());
    for (std::uint32_t list = 0; list < old.lists; ++list) {
      for (std::uint32_t position = old.list_begin[list]; position < old.list_begin[list + 1]; ++position) {
        const std::uint32_t row = old.row_at[position];
        if (location_[row] == position) list_of_row[row] = list;
      }
      for (std::uint32_t slot = from_->fresh.head(list); slot != FreshSegment::kNone;
           slot = from_->fresh.next(slot)) {
        const std::uint32_t row = from_->fresh.row(slot);
        if (row < location_.size() && location_[row] == (kFreshBit | slot)) list_of_row[row] = list;
      }
    }
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> list_of;
    for (std::uint32_t row = 0; row < location_.size(); ++row) {
      if (location_[row] == kNowhere) continue;
      rows.push_back(row);
      list_of.push_back(list_of_row[row]);
    }
    const std::uint32_t bytes = old.quantizer.code_bytes();
    Centroids centroids = {{old.centroids.begin(), old.centroids.end()}, old.centroid_scale};
    pack_lists(
        parts, std::move(centroids), old.lists, {rows, list_of}, [&](std::size_t i, std::uint8_t* out) {
          const std::uint32_t location = location_[rows[i]];
          if ((location & kFreshBit) != 0) {
            const std::uint8_t* const code = from_->fresh.code(location & ~kFreshBit);
            std::copy(code, code + bytes, out);
          } else {
            const std::size_t block = location / kBlockItems;
            take_code(old.codes.data() + block * kBlockItems * bytes, location % kBlockItems, bytes, out);
          }
        });
  }

  std::shared_ptr<const State> from_;
  std::vector<std::uint32_t> location_;
  IndexOptions rebuild_;
};

void MutableIndex::merge() {
  MutexLock one_at_a_time(merge_mutex_);
  std::unique_ptr<Merge> work;
  std::shared_ptr<const State> old;
  {
    MutexLock lock(writer_mutex_);
    merging_ = true;
    old = state_;
    changed_rows_.clear();
    work = std::make_unique<Merge>(state_, location_, options_.rebuild);
  }
  const bool finds_centroids = work->finds_centroids();
  const std::shared_ptr<const IvfIndex> merged = work->run(finds_centroids);
  work.reset();
  std::vector<std::uint32_t> location = locations_of(merged->parts(), 0);
  Pinned next = make_state(merged, old->fresh.capacity());
  {
    MutexLock lock(writer_mutex_);
    // What changed meanwhile: gone from the new main part, and fresh again where it is still there. It fits,
    // since the next segment is no smaller.
    location_.swap(location);
    if (location_.size() < location.size()) location_.resize(location.size(), kNowhere);
    for (const std::uint32_t row : changed_rows_) {
      forget(*next.state, location_[row]);
      location_[row] = kNowhere;
      const std::uint32_t now = location[row];
      if (now == kNowhere) continue;
      WINNOW_CHECK((now & kFreshBit) != 0);
      append(*next.state, row, state_->fresh.vectors().row(now & ~kFreshBit));
    }
    state_ = std::move(next.state);
    std::swap(released_, next.released);
    published_.publish(state_);
    merging_ = false;
    changed_rows_.clear();
    ++merges_;
    rebuilds_ += finds_centroids ? 1 : 0;
  }
  changed_.notify_all();
  old.reset();
  next.released.get();  // waits for the last search that reads the old version, and frees it
}

}  // namespace winnow
