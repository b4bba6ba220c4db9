#include "index/flat_index.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "index/search_filter.h"

namespace winnow {

namespace {

// Of vectors: what a second-level cache holds beside other things.
constexpr std::size_t kCachedBytes = std::size_t{512} << 10;

}  // namespace

// The best `limit` of exact scores that come by and by.
class FlatIndex::BestRows final {
 public:
  explicit BestRows(std::size_t limit) : limit_(limit) { kept_.reserve(4 * limit + 64); }

  void offer(const ScoredRow& one) {
    if (!std::isfinite(one.score) || (full_ && !ranks_before(one, worst_))) return;
    kept_.push_back(one);
    if (kept_.size() < 4 * limit_ + 64) return;
    const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
    std::nth_element(kept_.begin(), last, kept_.end(), RanksBefore());
    kept_.resize(limit_);
    worst_ = kept_.back();
    full_ = true;
  }
  std::vector<ScoredRow> finish() { return best_of(std::move(kept_), limit_); }

 private:
  std::size_t limit_;
  std::vector<ScoredRow> kept_;
  ScoredRow worst_;  // once full: what a row must rank before
  bool full_ = false;
};

FlatIndex::FlatIndex(MetricSpace space, StoredVectors vectors, std::vector<std::uint32_t> rows, CpuLevel cpu)
    : space_(std::move(space)), vectors_(std::move(vectors)), rows_(std::move(rows)), cpu_(cpu) {}

IndexInfo FlatIndex::info() const {
  IndexInfo info;
  info.kind = IndexKind::flat;
  info.metric = space_.metric();
  info.dims = space_.dims();
  info.rows = vectors_.rows;
  info.items = static_cast<std::uint32_t>(rows_.size());
  info.search_bytes = rows_.size() * sizeof(std::uint32_t);
  info.vector_bytes = std::uint64_t{vectors_.rows} * vectors_.dims * sizeof(float);
  info.cpu = cpu_;
  return info;
}

std::vector<ScoredRow> FlatIndex::search(std::span<const float> query, const SearchOptions& options) const {
  WINNOW_CHECK(query.size() == space_.dims());
  if (options.limit == 0) return {};
  const MetricSpace::Query asked = space_.query(query);
  const std::span<const std::uint32_t> rows = options.filter != nullptr ? options.filter->few : rows_;
  BestRows best(options.limit);
  score_rows(rows, asked, best);
  return best.finish();
}

void FlatIndex::score_rows(std::span<const std::uint32_t> rows, const MetricSpace::Query& query,
                           BestRows& best) const {
  for_each_product(scan_kernels(cpu_), vectors_, rows, query.vector, [&](std::size_t i, float product) {
    best.offer({rows[i], query.scale * product + query.offset});
  });
}

std::shared_ptr<const SearchFilter> FlatIndex::prepare_filter(RowSet rows) const {
  auto filter = std::make_shared<SearchFilter>(std::move(rows));
  for (const std::uint32_t row : rows_) {
    if (filter->rows().contains(row)) filter->few.push_back(row);
  }
  filter->passing = static_cast<std::uint32_t>(filter->few.size());
  return filter;
}

std::vector<std::vector<ScoredRow>> FlatIndex::search_many(std::span<const float> queries,
                                                           std::size_t limit) const {
  WINNOW_CHECK(queries.size() % space_.dims() == 0);
  const std::size_t count = queries.size() / space_.dims();
  if (limit == 0) return std::vector<std::vector<ScoredRow>>(count);
  std::vector<MetricSpace::Query> asked;
  for (std::size_t q = 0; q < count; ++q)
    asked.push_back(space_.query(queries.subspan(q * space_.dims(), space_.dims())));
  std::vector<BestRows> best(count, BestRows(limit));
  const std::size_t part = std::max<std::size_t>(kCachedBytes / (vectors_.dims * sizeof(float)), 1);
  for (std::size_t first = 0; first < rows_.size(); first += part) {
    const auto rows = std::span(rows_).subspan(first, std::min(part, rows_.size() - first));
    for (std::size_t q = 0; q < count; ++q) score_rows(rows, asked[q], best[q]);
  }
  std::vector<std::vector<ScoredRow>> answers;
  for (BestRows& one : best) answers.push_back(one.finish());
  return answers;
}

std::unique_ptr<FlatIndex> FlatIndex::exact() const {
  return std::make_unique<FlatIndex>(space_, vectors_, rows_, cpu_);
}

}  // namespace winnow
