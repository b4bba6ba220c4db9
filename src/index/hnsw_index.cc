#include "index/hnsw_index.h"

#if defined(WINNOW_HAS_HNSW)

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "base/check.h"
#include "index/flat_index.h"
#include "index/scan_kernels.h"
#include "index/search_filter.h"

namespace winnow {

namespace {

// Inner products by our kernels, chosen at run time; hnswlib's own are fixed when it is compiled.
class KernelSpace final : public hnswlib::SpaceInterface<float> {
 public:
  KernelSpace(const ScanKernels& kernels, std::uint32_t dims) : parameters_{&kernels, dims} {}

  std::size_t get_data_size() override { return parameters_.dims * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return &distance; }
  void* get_dist_func_param() override { return &parameters_; }

 private:
  struct Parameters {
    const ScanKernels* kernels;
    std::uint32_t dims;
  };

  static float distance(const void* a, const void* b, const void* opaque) {
    const auto& parameters = *static_cast<const Parameters*>(opaque);
    return -parameters.kernels->exact(static_cast<const float*>(b), static_cast<const float*>(a),
                                      parameters.dims);
  }

  Parameters parameters_;
};

class HnswIndex final : public VectorIndex {
 public:
  using Graph = hnswlib::HierarchicalNSW<float>;

  HnswIndex(MetricSpace space, StoredVectors vectors, std::vector<std::uint32_t> rows,
            const IndexOptions& options)
      : space_(std::move(space)),
        vectors_(std::move(vectors)),
        rows_(std::move(rows)),
        cpu_(options.cpu.value_or(best_cpu_level(kHighestScanLevel))),
        kernel_space_(scan_kernels(cpu_), vectors_.dims),
        graph_(&kernel_space_, std::max<std::size_t>(rows_.size(), 1), options.graph_degree,
               options.graph_construction_beam, options.seed) {
    // A search asks for its whole beam as results: hnswlib's own ef is state that threads would share.
    graph_.setEf(1);
  }

  // Adds items [from, to) with vectors of length 1.
  void add(std::size_t item) {
    std::vector<float> unit(vectors_.dims);
    const std::span<const float> stored = vectors_.row(rows_[item]);
    double square = 0;
    for (const float x : stored) square += static_cast<double>(x) * x;
    const double factor = square > 0 ? 1 / std::sqrt(square) : 0;
    for (std::size_t d = 0; d < unit.size(); ++d) unit[d] = static_cast<float>(stored[d] * factor);
    graph_.addPoint(unit.data(), rows_[item]);
  }

  // Puts the vectors as they are in the place of those of length 1.
  void finish() {
    for (const auto& [row, node] : graph_.label_lookup_) {
      const std::span<const float> stored = vectors_.row(static_cast<std::uint32_t>(row));
      std::copy(stored.begin(), stored.end(), reinterpret_cast<float*>(graph_.getDataByInternalId(node)));
    }
  }

  IndexInfo info() const override {
    IndexInfo info;
    info.kind = IndexKind::hnsw;
    info.metric = space_.metric();
    info.dims = space_.dims();
    info.rows = vectors_.rows;
    info.items = static_cast<std::uint32_t>(rows_.size());
    info.search_bytes = rows_.size() * graph_.size_data_per_element_;
    info.vector_bytes = std::uint64_t{vectors_.rows} * vectors_.dims * sizeof(float);
    info.cpu = cpu_;
    return info;
  }

  std::vector<ScoredRow> search(std::span<const float> query, const SearchOptions& options) const override {
    WINNOW_CHECK(query.size() == space_.dims());
    if (options.limit == 0 || rows_.empty()) return {};
    const MetricSpace::Query asked = space_.query(query);
    if (options.filter != nullptr && options.filter->passing <= SearchFilter::kFew) {
      return score(options.filter->few, asked, options.limit);
    }
    std::size_t beam = std::max<std::size_t>(beam_of(options), options.limit);
    if (options.filter != nullptr) {
      // The beam holds what does not pass too: it grows until enough of it does.
      const double part = static_cast<double>(options.filter->passing) / static_cast<double>(rows_.size());
      beam = static_cast<std::size_t>(static_cast<double>(beam) / part);
    }
    beam = std::min(beam, rows_.size());
    for (;; beam = std::min(2 * beam, rows_.size())) {
      std::vector<std::uint32_t> found;
      auto nearest = graph_.searchKnn(asked.vector.data(), beam);
      for (; !nearest.empty(); nearest.pop()) {
        const auto row = static_cast<std::uint32_t>(nearest.top().second);
        if (options.filter == nullptr || options.filter->rows().contains(row)) found.push_back(row);
      }
      if (options.filter == nullptr || found.size() >= options.limit || beam == rows_.size()) {
        return score(found, asked, options.limit);
      }
    }
  }

  std::shared_ptr<const SearchFilter> prepare_filter(RowSet rows) const override {
    auto filter = std::make_shared<SearchFilter>(std::move(rows));
    for (const std::uint32_t row : rows_) {
      if (filter->rows().contains(row)) filter->few.push_back(row);
    }
    filter->passing = static_cast<std::uint32_t>(filter->few.size());
    return filter;
  }

  std::unique_ptr<FlatIndex> exact() const override {
    return std::make_unique<FlatIndex>(space_, vectors_, rows_, cpu_);
  }

 private:
  std::uint32_t beam_of(const SearchOptions& options) const {
    if (options.effort.rerank != 0) return options.effort.rerank;
    return profile().tuning.limit > 0 ? profile().tuning.effort.rerank : 200;
  }

  std::vector<ScoredRow> score(std::span<const std::uint32_t> rows, const MetricSpace::Query& query,
                               std::size_t limit) const {
    std::vector<ScoredRow> scored;
    append_exact(scan_kernels(cpu_), vectors_, rows, query, scored);
    return best_of(std::move(scored), limit);
  }

  MetricSpace space_;
  StoredVectors vectors_;
  std::vector<std::uint32_t> rows_;
  CpuLevel cpu_;
  KernelSpace kernel_space_;
  Graph graph_;
};

}  // namespace

Result<std::unique_ptr<VectorIndex>> build_hnsw(MetricSpace space, StoredVectors vectors,
                                                const RowSet& present, const IndexOptions& options) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < vectors.rows; ++row) {
    if (present.contains(row)) rows.push_back(row);
  }
  const std::size_t count = rows.size();
  auto index = std::make_unique<HnswIndex>(std::move(space), std::move(vectors), std::move(rows), options);
  // hnswlib reports what goes wrong by exceptions: none may leave here, nor a thread.
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&] {
    try {
      for (std::size_t item = next++; item < count; item = next++) index->add(item);
    } catch (const std::exception&) {
      failed = true;
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::uint32_t i = 1; i < options.threads; ++i) others.emplace_back(work);
    work();
  }
  if (failed)
    return Error{ErrorCode::exhausted, "hnswlib could not build the graph: free memory, or use ivf_int8"};
  index->finish();
  return std::unique_ptr<VectorIndex>(std::move(index));
}

}  // namespace winnow

#else

namespace winnow {

// The build that has hnswlib moves from what this one only refuses.
// NOLINTBEGIN(performance-unnecessary-value-param)
Result<std::unique_ptr<VectorIndex>> build_hnsw(MetricSpace /*space*/, StoredVectors /*vectors*/,
                                                const RowSet& /*present*/, const IndexOptions& /*options*/) {
  return Error{ErrorCode::unsupported,
               "this build has no hnsw index: use ivf_int8, or install libhnswlib-dev and build again",
               "kind"};
}
// NOLINTEND(performance-unnecessary-value-param)

}  // namespace winnow

#endif
