// The exact index of one interface with the others: scores every row, or every row of a filter.
#pragma once

#include "index/exact_scores.h"
#include "index/vector_index.h"

namespace winnow {

class FlatIndex final : public VectorIndex {
 public:
  // rows: those present, rising.
  FlatIndex(MetricSpace space, StoredVectors vectors, std::vector<std::uint32_t> rows, CpuLevel cpu);

  IndexInfo info() const override;
  std::vector<ScoredRow> search(std::span<const float> query, const SearchOptions& options) const override;
  std::shared_ptr<const SearchFilter> prepare_filter(RowSet rows) const override;

  std::unique_ptr<FlatIndex> exact() const override;

  // What search() answers to each of many queries (any number x dims), all rows allowed. The rows are read
  // once, a cacheful at a time, which is several times faster than query by query where they are many.
  std::vector<std::vector<ScoredRow>> search_many(std::span<const float> queries, std::size_t limit) const;

  const MetricSpace& space() const { return space_; }
  const StoredVectors& vectors() const { return vectors_; }
  std::span<const std::uint32_t> rows() const { return rows_; }

 private:
  class BestRows;

  void score_rows(std::span<const std::uint32_t> rows, const MetricSpace::Query& query, BestRows& best) const;

  MetricSpace space_;
  StoredVectors vectors_;
  std::vector<std::uint32_t> rows_;  // present, rising
  CpuLevel cpu_;
};

}  // namespace winnow
