// An inverted file that changes while it is searched: main and fresh.
//
// The main part is packed and immutable. An upserted vector goes to the fresh segment, chained to its list,
// and is found by the next search; an erased or replaced one loses its live bit. When enough is fresh, a
// merge packs main and fresh anew, in the background, and swaps the result in. Centroids are kept until the
// index has doubled; then they are found anew.
//
// Threads: searches never wait, whatever else goes on. Changes are made one at a time (a lock orders them);
// one that finds the fresh segment full waits for the merge. A merge waits for nobody and holds changes up
// only while it takes over what changed during it. Each search sees one main part; a row upserted during a
// search is seen once, as it was or as it is.
//
// Lock order: merge_mutex_ before writer_mutex_.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "base/published.h"
#include "base/result.h"
#include "index/ivf_index.h"
#include "index/vector_index.h"

namespace winnow {

struct MutableIndexOptions {
  // Fresh items that start a merge; 0: a sixty-fourth of the items, at least 1024.
  std::uint32_t merge_at = 0;
  // False: only merge() merges, and an upsert into a full segment does it itself.
  bool background = true;
  // For merges that find new centroids. kind and metric are those of the index.
  IndexOptions rebuild{};
};

// A filter for a MutableIndex: rows, brought into the order of whichever main part a search meets.
// Thread-safe.
class MutableFilter final {
 public:
  explicit MutableFilter(RowSet rows) : rows_(std::move(rows)) {}

 private:
  friend class MutableIndex;
  struct Prepared {
    std::shared_ptr<const IvfIndex> main;
    std::shared_ptr<const SearchFilter> filter;
  };
  RowSet rows_;
  mutable Published<Prepared> prepared_;
};

struct MutableSearchOptions {
  std::size_t limit = 50;
  SearchEffort effort{};
  const MutableFilter* filter = nullptr;
};

class MutableIndex final {
 public:
  // index: of a kind ivf_*, built or loaded; invalid otherwise.
  static Result<std::unique_ptr<MutableIndex>> open(std::unique_ptr<VectorIndex> index,
                                                    const MutableIndexOptions& options);
  ~MutableIndex();
  MutableIndex(const MutableIndex&) = delete;
  MutableIndex& operator=(const MutableIndex&) = delete;

  // The best rows as of now (VectorIndex::search).
  std::vector<ScoredRow> search(std::span<const float> query, const MutableSearchOptions& options) const;

  // Adds the row or replaces its vector; searches that begin later see it. vector: dims finite numbers, else
  // invalid.
  Status upsert(std::uint32_t row, std::span<const float> vector);

  // Removes the row at once; false when it is not there.
  bool erase(std::uint32_t row);

  // Packs everything now, and returns when it is done.
  void merge();

  // The packed part, for saving (save_index): call merge() first to have all changes in it.
  std::shared_ptr<const IvfIndex> main() const;

  struct Stats {
    std::uint32_t items = 0;  // that a search can find
    std::uint32_t fresh = 0;  // slots used since the last merge
    std::uint64_t merges = 0;
    std::uint64_t rebuilds = 0;  // of which found new centroids
  };
  Stats stats() const;

 private:
  struct State;
  class Merge;

  // A state that searches pin. The last of them gives it back through `released` rather than freeing it,
  // which takes long: that falls to the merge that replaced it.
  struct Pinned {
    std::shared_ptr<State> state;
    std::future<std::unique_ptr<State>> released;
  };

  MutableIndex(std::shared_ptr<const IvfIndex> main, const MutableIndexOptions& options);

  std::uint32_t merge_threshold(std::uint32_t items) const;
  Pinned make_state(std::shared_ptr<const IvfIndex> main, std::uint32_t least_capacity) const;
  void append(State& state, std::uint32_t row, std::span<const float> stored) WINNOW_REQUIRES(writer_mutex_);
  void forget(State& state, std::uint32_t location) const;
  void merge_in_background();

  MutableIndexOptions options_;
  Published<State> published_;

  Mutex merge_mutex_;  // one merge at a time
  mutable Mutex writer_mutex_;
  std::condition_variable changed_;  // with writer_mutex_: a merge is wanted, or one is done, or the end
  std::shared_ptr<State> state_ WINNOW_GUARDED_BY(writer_mutex_);
  std::future<std::unique_ptr<State>> released_ WINNOW_GUARDED_BY(writer_mutex_);  // of state_
  std::vector<std::uint32_t> location_ WINNOW_GUARDED_BY(writer_mutex_);  // by row: where its live version is
  std::unordered_set<std::uint32_t> changed_rows_ WINNOW_GUARDED_BY(writer_mutex_);  // since the merge began
  bool merging_ WINNOW_GUARDED_BY(writer_mutex_) = false;
  bool stopping_ WINNOW_GUARDED_BY(writer_mutex_) = false;
  std::uint32_t items_ WINNOW_GUARDED_BY(writer_mutex_) = 0;
  std::uint64_t merges_ WINNOW_GUARDED_BY(writer_mutex_) = 0;
  std::uint64_t rebuilds_ WINNOW_GUARDED_BY(writer_mutex_) = 0;
  std::thread merger_;
};

}  // namespace winnow
