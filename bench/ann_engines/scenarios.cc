#include "ann_engines/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "index/mutable_index.h"
#include "index/snapshot.h"
#include "index/tune.h"

namespace winnow::bench {

namespace {

std::string name_of(const SearchEffort& effort) {
  if (effort.reach >= SearchEffort::kReadAll)
    return fmt::format("nprobe={} rerank={}", effort.nprobe, effort.rerank);
  return fmt::format("nprobe={} rerank={} reach={}", effort.nprobe, effort.rerank, effort.reach);
}

// The grid that an index is tried with.
std::vector<SearchEffort> efforts_for(const VectorIndex& index, std::uint32_t k) {
  const IndexInfo info = index.info();
  if (info.kind == IndexKind::flat) return {{}};
  std::vector<SearchEffort> efforts;
  if (info.kind == IndexKind::hnsw) {
    for (const double beam : {1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0, 16.0, 24.0})
      efforts.push_back({.rerank = static_cast<std::uint32_t>(beam * k)});
    return efforts;
  }
  for (const double part : {.003, .006, .009, .012, .018, .025, .035, .05, .08, .13, .2}) {
    for (const double depth : {1.2, 1.6, 2.4, 4.0, 8.0}) {
      for (const float reach : {3.5f, 4.0f, 5.0f, SearchEffort::kReadAll}) {
        efforts.push_back({std::max(static_cast<std::uint32_t>(part * info.lists), 1u),
                           static_cast<std::uint32_t>(depth * k), reach});
      }
    }
  }
  return efforts;
}

}  // namespace

Built build(const Task& task, const IndexOptions& options) {
  Built built;
  const auto must = [&](Result<std::unique_ptr<VectorIndex>> made) {
    if (!made.ok()) give_up(made.error().message);
    built.index = *std::move(made);
  };
  const Kept kept = {
      [&](const std::string& path) { must(load_index(path, {.into_memory = true, .cpu = options.cpu})); },
      [&] { must(build_index(task.base.values, task.base.columns, options)); },
      [&](const std::string& path) {
        if (const Status saved = save_index(*built.index, path); !saved.ok()) give_up(saved.error().message);
      }};
  const CpuLevel level = options.cpu.value_or(best_cpu_level());
  const std::string name = fmt::format("winnow-{}-{}-{}-{}.index", name_of(options.kind),
                                       name_of(options.metric), options.lists, name_of(level));
  const bool lists = options.kind == IndexKind::ivf_int8 || options.kind == IndexKind::ivf_int4;
  built.build_s =
      load_or_build(task, name, kept, task.keep && lists ? Keep::until_built_anew : Keep::nothing);
  const IndexInfo info = built.index->info();
  built.bytes_per_item = static_cast<double>(info.search_bytes) / std::max(info.items, 1u);
  built.name = fmt::format("winnow {} ({})", name_of(info.kind), name_of(info.cpu));
  return built;
}

std::vector<std::uint32_t> rows_of(const std::vector<ScoredRow>& scored) {
  std::vector<std::uint32_t> rows;
  rows.reserve(scored.size());
  for (const ScoredRow& one : scored) rows.push_back(one.item);
  return rows;
}

void run_ours(const Task& task, const IndexOptions& options, std::vector<SearchEffort> efforts) {
  const Built built = build(task, options);
  if (efforts.empty()) efforts = efforts_for(*built.index, task.k);
  std::vector<Point> points;
  for (const SearchEffort& effort : efforts) {
    points.push_back(
        {fmt::format("lists={} {}", built.index->info().lists, name_of(effort)), [&task, &built, effort] {
           return [&task, &built, effort](std::size_t q) {
             return rows_of(built.index->search(task.queries.row(q), {.limit = task.k, .effort = effort}));
           };
         }});
  }
  report_targets(built.name, task, points, built.build_s, built.bytes_per_item);
}

void run_tuned(const Task& task, const IndexOptions& options) {
  Built built = build(task, options);
  const std::uint32_t half = task.queries.rows() / 2;
  for (const float target : {0.95f, 0.99f}) {
    const double start = cpu_seconds();
    const auto sample = task.queries.values.first(std::size_t{half} * task.queries.columns);
    const auto tuned = tune(*built.index, sample, {.limit = task.k, .target_recall = target});
    if (!tuned.ok()) give_up(tuned.error().message);
    const double tune_s = cpu_seconds() - start;
    IndexProfile profile;
    profile.tuning = *tuned;
    built.index->set_profile(std::move(profile));
    const auto answer = [&](std::size_t q) {
      return rows_of(built.index->search(task.queries.row(q), {.limit = task.k}));
    };
    print_result(built.name + " tuned", name_of(tuned->effort),
                 measure(answer, task.truth, task.k, half, task.queries.rows()), built.build_s,
                 built.bytes_per_item,
                 fmt::format(", \"target\": {}, \"claimed_recall\": {:.4f}, \"tune_s\": {:.2f}", target,
                             tuned->recall, tune_s));
  }
}

void run_upserts(const Task& task, const IndexOptions& options) {
  Built built = build(task, options);
  auto opened = MutableIndex::open(std::move(built.index), {});
  if (!opened.ok()) give_up(opened.error().message);
  MutableIndex& index = **opened;
  constexpr double kSeconds = 20;
  constexpr double kPerSecond = 1000;
  const auto answer = [&](std::size_t q) {
    return rows_of(index.search(task.queries.row(q), {.limit = task.k}));
  };
  const auto search_for = [&](double seconds) {
    // CPU time of the searching thread: a query's price, whoever else wants the core.
    std::vector<double> took;
    const double end = steady_seconds() + seconds;
    for (std::size_t q = 0; steady_seconds() < end; q = (q + 1) % task.queries.rows()) {
      const double start = thread_cpu_seconds();
      static_cast<void>(answer(q));
      took.push_back(thread_cpu_seconds() - start);
    }
    return summarise(std::move(took));
  };
  const double recall =
      measure(answer, task.truth, task.k, 0, std::min<std::size_t>(500, task.queries.rows())).recall;
  const auto with_recall = [&](Measured measured) {
    measured.recall = recall;
    return measured;
  };
  const auto report = [&](const std::string& params, const Measured& measured) {
    const MutableIndex::Stats stats = index.stats();
    print_result(built.name, params, with_recall(measured), built.build_s, built.bytes_per_item,
                 fmt::format(", \"merges\": {}, \"fresh\": {}", stats.merges, stats.fresh));
  };
  report("no upserts", search_for(kSeconds));
  std::atomic<bool> stop = false;
  std::jthread writer([&] {
    Random random(5);
    const double start = steady_seconds();
    // A row's new vector is another's: the data stay as they are distributed.
    for (std::uint64_t done = 0; !stop; ++done) {
      const auto status =
          index.upsert(random.below(task.base.rows()), task.base.row(random.below(task.base.rows())));
      if (!status.ok()) give_up(status.error().message);
      const double ahead = start + static_cast<double>(done) / kPerSecond - steady_seconds();
      if (ahead > 0) std::this_thread::sleep_for(std::chrono::duration<double>(ahead));
    }
  });
  report("1,000 upserts a second", search_for(kSeconds));
  stop = true;
}

void run_load(const Task& task, const IndexOptions& options) {
  if (task.cache.empty()) give_up("load wants --cache, a folder for the snapshot");
  const std::string path = task.cache + "/winnow.index";
  double build_s = 0;
  {
    const Built built = build(task, options);
    build_s = built.build_s;
    const double start = steady_seconds();
    if (const Status saved = save_index(*built.index, path); !saved.ok()) give_up(saved.error().message);
    fmt::print(stderr, "saved in {:.2f} s\n", steady_seconds() - start);
  }
  for (const bool into_memory : {false, true}) {
    const double start = steady_seconds();
    const auto loaded = load_index(path, {.into_memory = into_memory});
    const double load_ms = (steady_seconds() - start) * 1e3;
    if (!loaded.ok()) give_up(loaded.error().message);
    const IndexInfo info = (*loaded)->info();
    const auto answer = [&](std::size_t q) {
      return rows_of((*loaded)->search(task.queries.row(q), {.limit = task.k}));
    };
    const Measured measured = measure(answer, task.truth, task.k, 0, task.queries.rows());
    print_result(fmt::format("winnow {} ({})", name_of(info.kind), name_of(info.cpu)),
                 into_memory ? "read into memory" : "mapped", measured, build_s,
                 static_cast<double>(info.search_bytes) / info.items,
                 fmt::format(", \"load_ms\": {:.2f}", load_ms));
  }
  std::filesystem::remove(path);
}

}  // namespace winnow::bench
