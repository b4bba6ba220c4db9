// Debian's FAISS, as it is packaged.
#include <faiss/IVFlib.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_factory.h>
#include <fmt/format.h>

#include <cmath>

#include "ann_engines/arguments.h"
#include "ann_engines/engine.h"
#include "base/clock.h"
#include "index/ivf_build.h"

namespace winnow::bench {

// On one thread by OMP_NUM_THREADS=1, which bench/ann sets. IVF with scalar quantisation to 8 bits and an
// exact rerank, with as many lists as ours.
void run(const Task& task) {
  const auto metric = task.metric == Metric::l2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
  const int dims = static_cast<int>(task.base.columns);
  const auto factory = fmt::format("IVF{},SQ8,RFlat", default_lists(task.base.rows()));
  const std::unique_ptr<faiss::Index> index(faiss::index_factory(dims, factory.c_str(), metric));
  auto* const refine = dynamic_cast<faiss::IndexRefine*>(index.get());
  auto* const ivf = dynamic_cast<faiss::IndexIVF*>(refine->base_index);
  ivf->cp.spherical = task.metric != Metric::l2;
  ivf->cp.max_points_per_centroid = 64;
  ivf->cp.niter = 8;
  const double start = cpu_seconds();
  index->train(task.base.rows(), task.base.values.data());
  index->add(task.base.rows(), task.base.values.data());
  const double build_s = cpu_seconds() - start;
  std::vector<Point> points;
  for (const int nprobe : {8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256}) {
    for (const double factor : {1.5, 2.0, 3.0, 4.0, 8.0}) {
      points.push_back(
          {fmt::format("{} nprobe={} k_factor={}", factory, nprobe, factor), [&, nprobe, factor] {
             ivf->nprobe = static_cast<std::size_t>(nprobe);
             refine->k_factor = static_cast<float>(factor);
             return [&](std::size_t q) {
               std::vector<float> scores(task.k);
               std::vector<faiss::Index::idx_t> ids(task.k);
               const auto query = task.queries.row(q);
               index->search(1, query.data(), task.k, scores.data(), ids.data());
               return std::vector<std::uint32_t>(ids.begin(), ids.end());
             };
           }});
    }
  }
  report_targets("faiss (Debian)", task, points, build_s, dims + 8.0);
}

}  // namespace winnow::bench

int main(int count, char** values) {
  winnow::bench::run(
      winnow::bench::read_task(winnow::bench::parse_arguments(std::span(values + 1, values + count))));
}
