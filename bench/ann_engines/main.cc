// The programs behind bench/ann: data, exact answers, and our own index. bench/ann says how they go
// together.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>

#include "ann_engines/arguments.h"
#include "ann_engines/engine.h"
#include "ann_engines/learned_vectors.h"
#include "ann_engines/scenarios.h"
#include "index/exact_scores.h"
#include "index/flat_index.h"

namespace winnow::bench {
namespace {

constexpr const char* kUsage =
    "usage: winnow_ann_bench make OUT [--shape S] [--items N] [--dims N] [--queries N]\n"
    "                        [--users N] [--epochs N]   OUT.base.fbin, "
    "OUT.query.fbin\n"
    "       winnow_ann_bench truth --base F --queries F --truth F [--k N] [--metric M]   exact answers\n"
    "       winnow_ann_bench ours|tuned|filters|upserts|load --base F --queries F --truth F\n"
    "                        [--k N] [--metric M] [--kind ivf_int8|ivf_int4|hnsw|flat] [--cpu LEVEL] "
    "[--lists N]\n"
    "                        [--limit-queries N] [--cache FOLDER] [--keep 1]\n"
    "                        [--efforts NPROBE:RERANK:REACH,...]   for ours, in place of a grid\n";

void make(const std::string& out, const Arguments& given) {
  LearnedOptions options;
  options.shape = text(given, "shape", options.shape);
  options.items = number(given, "items", options.items);
  options.dims = number(given, "dims", options.dims);
  options.queries = number(given, "queries", options.queries);
  options.users = number(given, "users", options.users);
  options.epochs = number(given, "epochs", options.epochs);
  const LearnedVectors made = learn_vectors(options);
  write_fbin(out + ".base.fbin", options.dims, made.items);
  write_fbin(out + ".query.fbin", options.dims, made.queries);
}

void truth(const Arguments& given) {
  const Matrix<float> base = read_fbin(text(given, "base", ""));
  const Matrix<float> queries = read_fbin(text(given, "queries", ""), number(given, "limit-queries", 0));
  const std::uint32_t k = number(given, "k", 50);
  if (base.rows() < k) give_up("fewer items than answers asked for");
  // A part of the items at a time, since an index holds a copy.
  constexpr std::uint32_t kPart = 1 << 18;
  std::vector<std::vector<ScoredRow>> best(queries.rows());
  for (std::uint32_t first = 0; first < base.rows(); first += kPart) {
    const std::uint32_t rows = std::min(kPart, base.rows() - first);
    const auto part =
        base.values.subspan(std::size_t{first} * base.columns, std::size_t{rows} * base.columns);
    const auto index = build_index(part, base.columns, {.kind = IndexKind::flat, .metric = metric_of(given)});
    if (!index.ok()) give_up(index.error().message);
    auto answers = (*index)->exact()->search_many(queries.values, k);
    for (std::size_t q = 0; q < queries.rows(); ++q) {
      std::vector<ScoredRow>& found = answers[q];
      for (ScoredRow& one : found) one.item += first;
      found.insert(found.end(), best[q].begin(), best[q].end());
      best[q] = best_of(std::move(found), k);
    }
  }
  std::vector<std::uint32_t> found;
  for (const auto& answer : best) {
    for (const ScoredRow& one : answer) found.push_back(one.item);
  }
  write_ibin(text(given, "truth", ""), k, found);
}

IndexOptions index_options(const Arguments& given) {
  IndexOptions options;
  const auto kind = parse_index_kind(text(given, "kind", "ivf_int8"));
  if (!kind.ok()) give_up(kind.error().message);
  options.kind = *kind;
  options.metric = metric_of(given);
  options.lists = number(given, "lists", 0);
  if (given.contains("cpu")) {
    options.cpu = parse_cpu_level(given.at("cpu"));
    if (!options.cpu) give_up("--cpu takes portable, avx2 or avx512_vnni");
  }
  return options;
}

int run(int count, char** values) {
  if (count < 2) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const std::string what = values[1];
  int at = 2;
  const std::string out = what == "make" && count > 2 ? values[at++] : "";
  const Arguments given = parse_arguments(std::span(values + at, values + count));
  if (what == "make") {
    make(out, given);
  } else if (what == "truth") {
    truth(given);
  } else if (what == "ours") {
    run_ours(read_task(given), index_options(given), read_efforts(given));
  } else if (what == "tuned") {
    run_tuned(read_task(given), index_options(given));
  } else if (what == "filters") {
    run_filters(read_task(given), index_options(given));
  } else if (what == "load") {
    run_load(read_task(given), index_options(given));
  } else if (what == "upserts") {
    run_upserts(read_task(given), index_options(given));
  } else {
    std::fputs(kUsage, stderr);
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace winnow::bench

int main(int count, char** values) { return winnow::bench::run(count, values); }
