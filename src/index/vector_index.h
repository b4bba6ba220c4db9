// Finding the rows whose vectors score highest against a query: the one interface of every kind of index.
//
//     flat       scores every row: the oracle, and the choice up to some hundred thousand rows
//     ivf_int8   inverted lists of int8 codes, then exact scores of the best few hundred: the default
//     ivf_int4   the same with 4-bit codes: half the bytes to read, where memory bandwidth is the limit
//     hnsw       a navigable small-world graph (Malkov and Yashunin 2018) of hnswlib, where that was there at
//     build
//
// An index is immutable and any number of threads may search it; MutableIndex (mutable_index.h) adds changes.
// Rows are numbers of the caller's, dense from 0. Scores are computed from the float vectors, whatever the
// codes: by every kind alike, equal scores by the lower row. Build with build_index, keep with save_index and
// load_index, choose the effort of a search with tune.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/row_set.h"
#include "math/cpu_level.h"
#include "math/scored_row.h"

namespace winnow {

enum class IndexKind : std::uint8_t { flat, ivf_int8, ivf_int4, hnsw };
std::string_view name_of(IndexKind kind);
Result<IndexKind> parse_index_kind(std::string_view name);  // invalid, with the known names

// What a score is; higher is better for all three.
enum class Metric : std::uint8_t {
  inner_product,  // <query, vector>
  cosine,         // of the angle between them; 0 when either is zero
  l2,             // minus the squared distance; exact up to rounding relative to the vectors' squared lengths
};
std::string_view name_of(Metric metric);
Result<Metric> parse_metric(std::string_view name);  // ip, cosine, l2; invalid otherwise

// How hard a search looks. tune() measures what a wanted recall takes.
struct SearchEffort {
  std::uint32_t nprobe = 0;  // lists to read; 0: the index's default. hnsw: unused
  std::uint32_t rerank = 0;  // candidates scored exactly (hnsw: the beam, ef); 0: the index's default
  // ivf: how many standard deviations above a list's mean direction its best vectors may lie. What could not
  // enter the candidates by that is passed over; kReadAll passes nothing over, 0: the index's default.
  float reach = 0;
  static constexpr float kReadAll = 1e9f;
  friend bool operator==(const SearchEffort&, const SearchEffort&) = default;
};

class SearchFilter;

struct SearchOptions {
  std::size_t limit = 50;
  SearchEffort effort{};
  const SearchFilter* filter = nullptr;  // made by prepare_filter of the same index; null: all rows
};

// What a search is expected to reach: measured by tune(), kept in the snapshot, published by the server.
struct Tuning {
  std::uint32_t limit = 0;  // the k of recall@k; 0: never tuned
  SearchEffort effort{};
  float target_recall = 0;
  float recall = 0;           // measured on queries that had no part in the choice
  std::uint32_t queries = 0;  // on how many
  friend bool operator==(const Tuning&, const Tuning&) = default;
};

// A query with its known answer: what a loaded index must still say.
struct HealthCheck {
  std::vector<float> query;
  std::vector<ScoredRow> answer;
};

// What travels with an index besides its vectors.
struct IndexProfile {
  Tuning tuning{};
  HealthCheck health{};
};

struct IndexInfo {
  IndexKind kind = IndexKind::flat;
  Metric metric = Metric::inner_product;
  std::uint32_t dims = 0;
  std::uint32_t rows = 0;             // rows lie in [0, rows)
  std::uint32_t items = 0;            // of which this many are in the index
  std::uint32_t lists = 0;            // 0 for kinds without lists
  std::uint64_t search_bytes = 0;     // codes, lists, graph: what a search reads besides the vectors
  std::uint64_t vector_bytes = 0;     // the float vectors
  CpuLevel cpu = CpuLevel::portable;  // of the integer kernels
};

class FlatIndex;

class VectorIndex {
 public:
  virtual ~VectorIndex() = default;

  virtual IndexInfo info() const = 0;

  // The best rows, best first, at most options.limit. query: dims finite numbers. Scores that are not finite
  // (an overflow) are left out. Thread-safe.
  virtual std::vector<ScoredRow> search(std::span<const float> query, const SearchOptions& options) const = 0;

  // Brings a set of rows into the order in which this index reads them; reuse it across queries. It must not
  // be used with another index. O(items). Thread-safe.
  virtual std::shared_ptr<const SearchFilter> prepare_filter(RowSet rows) const = 0;

  // The exact index (flat_index.h) of the same vectors, which it shares: the oracle that recall is measured
  // against. O(rows).
  virtual std::unique_ptr<FlatIndex> exact() const = 0;

  const IndexProfile& profile() const { return profile_; }
  // Before the index is shared: its tuning becomes the default effort.
  void set_profile(IndexProfile profile) { profile_ = std::move(profile); }

 private:
  IndexProfile profile_;
};

struct IndexOptions {
  IndexKind kind = IndexKind::ivf_int8;
  Metric metric = Metric::inner_product;
  std::uint32_t lists = 0;             // 0: from the number of items
  std::uint32_t iterations = 8;        // of k-means
  std::uint32_t sample_per_list = 48;  // vectors that k-means looks at, for each list
  std::uint32_t threads = 1;
  std::uint64_t seed = 1;
  std::uint32_t graph_degree = 16;              // hnsw: M
  std::uint32_t graph_construction_beam = 200;  // hnsw: ef_construction
  std::optional<CpuLevel> cpu{};  // unset: the best of this machine; tests and benches ask for others
};

// vectors: rows x dims, row-major, finite. present: rows to index, null for all. The same input and options
// give the same index, with any number of threads and at any CPU level. Errors: invalid (dims 0 or above
// 4096, a size that is no multiple of dims, a number that is not finite, a level that this machine lacks),
// unsupported (hnsw in a build without hnswlib).
Result<std::unique_ptr<VectorIndex>> build_index(std::span<const float> vectors, std::uint32_t dims,
                                                 const IndexOptions& options,
                                                 const RowSet* present = nullptr);

}  // namespace winnow
