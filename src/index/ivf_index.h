// The inverted file: vectors in lists by their nearest centroid, a query reads the lists of its nearest
// centroids.
//
//     1. score all centroids in int8, take the nprobe lists that promise most (list_reach.h)
//     2. scan their codes, sixteen items at a time, keeping the best `rerank` by integer score, as far as a
//     list may hold
//        better ones than those found
//     3. score those exactly from the float vectors, return the best `limit`
//
// A position is a place in the lists: list l owns [list_begin[l], list_begin[l + 1]), of which the live bits
// say what is an item. Lists follow each other without gaps, so a block may be shared by neighbours, and each
// scans its own lanes. Inverted lists: Sivic and Zisserman 2003, Jegou et al. 2011; blocks of transposed
// codes: after Andre et al. 2015.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/exact_scores.h"
#include "index/fresh_segment.h"
#include "index/metric_space.h"
#include "index/quantizer.h"
#include "index/scan_kernels.h"
#include "index/search_filter.h"
#include "index/vector_index.h"

namespace winnow {

// How the vectors of a list are distributed (list_reach.h).
struct ListShape {
  float cohesion =
      0;             // the length of the mean direction; l2: half the mean squared distance from the centroid
  float spread = 0;  // the standard deviation of directions (l2: of points) along a random direction
  float longest = 0;  // the length of the longest vector; l2: 1
};

// What an inverted file consists of. The spans are kept alive by `owner`: memory of their own or a mapped
// snapshot.
struct IvfParts {
  MetricSpace space;
  Quantizer quantizer;
  StoredVectors vectors;
  std::uint32_t lists = 1;
  std::uint32_t items = 0;
  std::uint32_t trained_items = 0;            // when the centroids were found
  float centroid_scale = 1;                   // of the codes of centroids
  std::span<const std::uint8_t> centroids;    // blocks of int8 codes
  std::span<const std::uint32_t> list_begin;  // lists + 1
  std::span<const std::uint8_t> codes;        // blocks
  std::span<const std::uint32_t> row_at;      // by position; 0 where nothing lives
  std::span<const std::uint16_t> live;        // a word per block
  std::span<const float> block_length;        // of a block's first vector; falling within a list; l2: 1
  std::span<const ListShape> shapes;          // a list each
  std::shared_ptr<const void> owner;

  std::uint32_t blocks() const { return (list_begin.back() + kBlockItems - 1) / kBlockItems; }
};

// What changed since the parts were packed (mutable_index.h).
struct IvfChanges {
  const std::uint16_t* live = nullptr;  // in place of the parts' own
  const FreshSegment* fresh = nullptr;
};

// What a search found, and what it took.
struct IvfAnswer {
  std::vector<ScoredRow> rows;
  std::uint64_t blocks = 0;  // scanned
};

class IvfIndex final : public VectorIndex {
 public:
  IvfIndex(IvfParts parts, CpuLevel cpu);

  IndexInfo info() const override;
  std::vector<ScoredRow> search(std::span<const float> query, const SearchOptions& options) const override;
  std::shared_ptr<const SearchFilter> prepare_filter(RowSet rows) const override;

  std::unique_ptr<FlatIndex> exact() const override;

  // A search that sees changes as well.
  IvfAnswer answer(std::span<const float> query, const SearchOptions& options,
                   const IvfChanges& changes) const;
  // What a search of this effort costs that scans so many blocks, in bytes that could be read meanwhile: the
  // price that tuning lowers.
  double price_of(double blocks, const SearchEffort& effort) const;
  // The effort that `options` come to: theirs, else the tuned one scaled to the limit, else a guess.
  SearchEffort effort_of(const SearchOptions& options) const;

  const IvfParts& parts() const { return parts_; }
  const ScanKernels& kernels() const { return *kernels_; }
  CpuLevel cpu() const { return cpu_; }

 private:
  IvfParts parts_;
  CpuLevel cpu_;
  const ScanKernels* kernels_;
};

}  // namespace winnow
