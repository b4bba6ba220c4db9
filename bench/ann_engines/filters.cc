// Searches through filters that have nothing to do with the query, and through ones that go with it or
// against it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "ann_engines/scenarios.h"
#include "base/random.h"
#include "index/search_filter.h"

namespace winnow::bench {

namespace {

// What a filter holds: the items that score highest against a direction, which is the query or its opposite
// with as much chance added (categories and regions go with taste, but do not repeat it) or none; or any.
struct Leaning {
  std::string_view name;
  float query = 0;
  float noise = 0;
};
constexpr std::array kLeanings = {Leaning{"random", 0, 0}, Leaning{"near", 1, 1}, Leaning{"far", -1, 1},
                                  Leaning{"nearest", 1, 0}, Leaning{"farthest", -1, 0}};

// Queries of a random filter, and filters of the others, which have one query each.
constexpr std::size_t kQueries = 200;
constexpr std::size_t kFilters = 40;

RowSet random_rows(Random& random, std::uint32_t items, double part) {
  RowSet rows(items);
  for (std::uint32_t row = 0; row < items; ++row) {
    if (random.uniform() < part) rows.insert(row);
  }
  return rows;
}

RowSet leaning_rows(Random& random, const VectorIndex& exact, std::span<const float> query,
                    const Leaning& leaning, std::uint32_t count) {
  double square = 0;
  for (const float x : query) square += static_cast<double>(x) * x;
  const auto noise = leaning.noise * std::sqrt(square / static_cast<double>(query.size()));
  std::vector<float> direction(query.begin(), query.end());
  for (float& x : direction) x = leaning.query * x + static_cast<float>(noise * random.normal());
  RowSet rows(exact.info().rows);
  for (const ScoredRow& one : exact.search(direction, {.limit = count})) rows.insert(one.item);
  return rows;
}

class FilterRun final {
 public:
  FilterRun(const Task& task, const Built& built, const Built& exact)
      : task_(task), built_(built), exact_(exact) {}

  // Queries [first, last) through one filter.
  void ask(const RowSet& allowed, std::size_t first, std::size_t last) {
    const double start = thread_cpu_seconds();
    const auto filter = built_.index->prepare_filter(allowed);
    prepare_s_.push_back(thread_cpu_seconds() - start);
    const auto exact_filter = exact_.index->prepare_filter(allowed);
    for (std::size_t q = first; q < last; ++q) {
      const auto query = task_.queries.row(q);
      const SearchOptions search = {.limit = task_.k, .filter = filter.get()};
      static_cast<void>(built_.index->search(query, search));  // the caches of one filter are warm in service
      const double begin = thread_cpu_seconds();
      const auto found = built_.index->search(query, search);
      seconds_.push_back(thread_cpu_seconds() - begin);
      const auto truth =
          rows_of(exact_.index->search(query, {.limit = task_.k, .filter = exact_filter.get()}));
      for (const ScoredRow& one : found)
        hits_ += std::count(truth.begin(), truth.end(), one.item) > 0 ? 1 : 0;
      wanted_ += static_cast<double>(truth.size());
    }
  }

  void report(const std::string& params) {
    Measured measured = summarise(seconds_);
    measured.recall = hits_ / wanted_;
    double prepare = 0;
    for (const double one : prepare_s_) prepare += one;
    print_result(
        built_.name, params, measured, built_.build_s, built_.bytes_per_item,
        fmt::format(", \"prepare_ms\": {:.2f}", 1e3 * prepare / static_cast<double>(prepare_s_.size())));
  }

 private:
  const Task& task_;
  const Built& built_;
  const Built& exact_;
  double hits_ = 0;
  double wanted_ = 0;
  std::vector<double> prepare_s_;
  std::vector<double> seconds_;
};

}  // namespace

void run_filters(const Task& task, const IndexOptions& options) {
  const Built built = build(task, options);
  IndexOptions exact_options = options;
  exact_options.kind = IndexKind::flat;
  const Built exact = build(task, exact_options);
  const std::uint32_t items = task.base.rows();
  Random random(11);
  for (const double part : {0.1, 0.01, 0.001}) {
    const auto count = static_cast<std::uint32_t>(part * items);
    for (const Leaning& leaning : kLeanings) {
      FilterRun run(task, built, exact);
      if (leaning.query == 0) {
        run.ask(random_rows(random, items, part), 0, std::min<std::size_t>(kQueries, task.queries.rows()));
      } else {
        for (std::size_t q = 0; q < std::min<std::size_t>(kFilters, task.queries.rows()); ++q) {
          run.ask(leaning_rows(random, *exact.index, task.queries.row(q), leaning, count), q, q + 1);
        }
      }
      run.report(fmt::format("filter {} {}", leaning.name, part));
    }
  }
}

}  // namespace winnow::bench
