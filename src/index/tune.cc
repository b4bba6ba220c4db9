#include "index/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "index/flat_index.h"
#include "index/ivf_index.h"

namespace winnow {

namespace {

using Rows = std::vector<std::uint32_t>;

// The mean of questions' recalls, and how sure it is.
class RecallMean final {
 public:
  void add(std::span<const ScoredRow> found, const Rows& known) {
    double hits = 0;
    for (const ScoredRow& one : found)
      hits += std::binary_search(known.begin(), known.end(), one.item) ? 1 : 0;
    const double recall = known.empty() ? 1 : hits / static_cast<double>(known.size());
    ++count_;
    sum_ += recall;
    squares_ += recall * recall;
  }

  double mean() const { return count_ > 0 ? sum_ / count_ : 1; }

  // What the mean over all queries of this kind exceeds in nineteen cases of twenty.
  double lower_bound() const {
    if (count_ < 2) return mean();
    const double variance = std::max(0.0, (squares_ - sum_ * sum_ / count_) / (count_ - 1));
    return mean() - 1.645 * std::sqrt(variance / count_);
  }

 private:
  double count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

// Over every `step`th question from `first` on.
RecallMean recall_in(const Exam& exam, const VectorIndex& index, const SearchOptions& options,
                     std::size_t first, std::size_t step) {
  RecallMean recall;
  for (std::size_t i = first; i < exam.answers.size(); i += step) {
    recall.add(index.search(exam.query(i), options), exam.answers[i]);
  }
  return recall;
}

// The least value in [low, high] that passes, if `high` does; passing is taken to be monotone.
template <class Passes>
std::uint32_t least_passing(std::uint32_t low, std::uint32_t high, const Passes& passes) {
  while (low < high) {
    // Geometric steps: the price grows with the value.
    const auto middle = static_cast<std::uint32_t>(std::sqrt(static_cast<double>(low) * high));
    if (passes(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

constexpr std::size_t kChoose = 0;  // even questions choose, odd ones measure
constexpr std::size_t kMeasure = 1;

struct Trial {
  RecallMean recall;
  double price = 0;  // of a query (IvfIndex::price_of)
};

Trial try_ivf(const IvfIndex& index, const Exam& exam, const SearchOptions& options) {
  Trial trial;
  double blocks = 0;
  double asked = 0;
  for (std::size_t i = kChoose; i < exam.answers.size(); i += 2) {
    const IvfAnswer found = index.answer(exam.query(i), options, {});
    trial.recall.add(found.rows, exam.answers[i]);
    blocks += static_cast<double>(found.blocks);
    ++asked;
  }
  trial.price = index.price_of(blocks / asked, options.effort);
  return trial;
}

// The fewest lists that surely reach the target with this depth and reach, and what that costs; infinitely
// much when none do, or when it is sure to cost more than `most`.
struct Priced {
  SearchEffort effort;
  double price = std::numeric_limits<double>::infinity();
};

Priced price_of(const IvfIndex& index, const Exam& exam, const TuneOptions& options, SearchEffort effort,
                double most) {
  const double target = options.target_recall;
  const std::uint32_t lists = index.parts().lists;
  const auto attempt = [&](std::uint32_t nprobe) {
    return try_ivf(index, exam, {.limit = options.limit, .effort = {nprobe, effort.rerank, effort.reach}});
  };
  std::uint32_t high = std::min(lists, 8u);
  Trial trial = attempt(high);
  while (trial.recall.lower_bound() < target && high < lists && trial.price < most) {
    high = std::min(lists, 2 * high);
    trial = attempt(high);
  }
  if (trial.recall.lower_bound() < target) return {};
  effort.nprobe = least_passing(high <= 8 ? 1 : high / 2, high, [&](std::uint32_t nprobe) {
    return attempt(nprobe).recall.lower_bound() >= target;
  });
  return {effort, attempt(effort.nprobe).price};
}

// One coordinate after the other: how deep to rerank, then how far to reach.
SearchEffort choose_ivf(const IvfIndex& index, const Exam& exam, const TuneOptions& options) {
  const SearchEffort most = {index.parts().lists, 20 * options.limit, SearchEffort::kReadAll};
  Priced best;
  const auto consider = [&](std::uint32_t rerank, float reach) {
    const Priced priced = price_of(index, exam, options, {0, rerank, reach}, best.price);
    if (priced.price < best.price) best = priced;
  };
  for (const double depth : {3.0, 1.2, 1.6, 2.2, 4.5, 8.0, 20.0}) {
    consider(static_cast<std::uint32_t>(std::ceil(depth * options.limit)), 4.5f);
  }
  const std::uint32_t rerank = best.effort.rerank != 0 ? best.effort.rerank : most.rerank;
  for (const float reach : {3.0f, 3.5f, 4.0f, 6.0f, SearchEffort::kReadAll}) consider(rerank, reach);
  return std::isinf(best.price) ? most : best.effort;
}

SearchEffort choose_beam(const VectorIndex& index, const Exam& exam, const TuneOptions& options) {
  const auto passes = [&](std::uint32_t beam) {
    const SearchOptions search = {.limit = options.limit, .effort = {.rerank = beam}};
    return recall_in(exam, index, search, kChoose, 2).lower_bound() >= options.target_recall;
  };
  const std::uint32_t items = std::max(index.info().items, 1u);
  std::uint32_t high = std::min(items, options.limit);
  while (high < items && !passes(high)) high = std::min(items, 2 * high);
  return {.rerank = least_passing(std::min(high, std::max(high / 2, options.limit)), high, passes)};
}

Status check(const TuneOptions& options, std::size_t queries) {
  if (!(options.target_recall > 0 && options.target_recall <= 1)) {
    return Error{ErrorCode::invalid,
                 fmt::format("a recall of {}: give one above 0, up to 1", options.target_recall),
                 "target_recall"};
  }
  if (options.limit == 0) return Error{ErrorCode::invalid, "a limit of 0: give at least 1", "limit"};
  if (queries < 2) {
    return Error{ErrorCode::invalid, fmt::format("{} queries: give at least two", queries), "queries"};
  }
  return {};
}

}  // namespace

Exam set_exam(const VectorIndex& oracle, std::span<const float> queries, std::size_t limit) {
  Exam exam;
  exam.dims = oracle.info().dims;
  exam.queries.assign(queries.begin(), queries.end());
  for (const auto& answer : oracle.exact()->search_many(queries, limit)) {
    Rows rows;
    for (const ScoredRow& one : answer) rows.push_back(one.item);
    std::sort(rows.begin(), rows.end());
    exam.answers.push_back(std::move(rows));
  }
  return exam;
}

Result<Tuning> tune(const VectorIndex& index, std::span<const float> queries, const TuneOptions& options) {
  const std::uint32_t dims = index.info().dims;
  if (queries.size() % dims != 0) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} numbers are not whole queries of {} dimensions", queries.size(), dims),
                 "queries"};
  }
  const std::size_t count = std::min<std::size_t>(options.most_queries, queries.size() / dims);
  WINNOW_RETURN_IF_ERROR(check(options, count));
  return tune(index, set_exam(index, queries.first(count * dims), options.limit), options);
}

Result<Tuning> tune(const VectorIndex& index, const Exam& exam, const TuneOptions& options) {
  WINNOW_CHECK(exam.dims == index.info().dims);
  WINNOW_RETURN_IF_ERROR(check(options, exam.answers.size()));
  Tuning tuning;
  tuning.limit = options.limit;
  tuning.target_recall = options.target_recall;
  if (const auto* const ivf = dynamic_cast<const IvfIndex*>(&index)) {
    tuning.effort = choose_ivf(*ivf, exam, options);
  } else if (index.info().kind == IndexKind::hnsw) {
    tuning.effort = choose_beam(index, exam, options);
  }
  const SearchOptions chosen = {.limit = options.limit, .effort = tuning.effort};
  tuning.recall = static_cast<float>(recall_in(exam, index, chosen, kMeasure, 2).mean());
  tuning.queries = static_cast<std::uint32_t>(exam.answers.size() / 2);
  return tuning;
}

double search_price(const VectorIndex& index, std::span<const float> queries, std::size_t limit) {
  const auto* const ivf = dynamic_cast<const IvfIndex*>(&index);
  const std::uint32_t dims = index.info().dims;
  WINNOW_CHECK(queries.size() >= dims);
  if (ivf == nullptr) return 0;
  const SearchOptions options = {.limit = limit};
  const std::size_t count = queries.size() / dims;
  double blocks = 0;
  for (std::size_t i = 0; i < count; ++i)
    blocks += static_cast<double>(ivf->answer(queries.subspan(i * dims, dims), options, {}).blocks);
  return ivf->price_of(blocks / static_cast<double>(count), ivf->effort_of(options));
}

double measure_recall(const VectorIndex& index, std::span<const float> queries,
                      const SearchOptions& options) {
  const Exam exam = set_exam(index, queries, options.limit);
  return recall_in(exam, index, options, 0, 1).mean();
}

HealthCheck make_health_check(const VectorIndex& index, std::span<const float> query, std::uint32_t limit) {
  return {{query.begin(), query.end()}, index.search(query, {.limit = limit})};
}

Status check_health(const VectorIndex& index) {
  const HealthCheck& known = index.profile().health;
  if (known.query.empty()) return {};
  const auto found = index.search(known.query, {.limit = known.answer.size()});
  bool alike = found.size() == known.answer.size();
  for (std::size_t i = 0; alike && i < found.size(); ++i) {
    const float tolerance = 1e-4f * (1 + std::abs(known.answer[i].score));
    alike = std::abs(found[i].score - known.answer[i].score) <= tolerance;
  }
  if (alike) return {};
  return Error{ErrorCode::corrupt,
               "the index does not give the known answer to its health check: build it anew, or take the "
               "previous snapshot"};
}

}  // namespace winnow
