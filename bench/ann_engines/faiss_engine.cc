// Debian's FAISS, as it is packaged.
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <faiss/utils/distances.h>
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <vector>

#include "ann_engines/arguments.h"
#include "ann_engines/engine.h"
#include "index/ivf_build.h"

namespace winnow::bench {

namespace {

// As they are; for cosines of length 1.
std::vector<float> vectors_for(const Task& task) {
  std::vector<float> made(task.base.values.begin(), task.base.values.end());
  if (task.metric == Metric::cosine) faiss::fvec_renorm_L2(task.base.columns, task.base.rows(), made.data());
  return made;
}

faiss::IndexIVF* lists_of(faiss::Index& index) {
  return dynamic_cast<faiss::IndexIVF*>(dynamic_cast<faiss::IndexRefine&>(index).base_index);
}

}  // namespace

// On one thread by OMP_NUM_THREADS=1, which bench/ann sets. IVF with scalar quantisation to 8 bits and an
// exact rerank, with as many lists as ours.
void run(const Task& task) {
  const auto metric = task.metric == Metric::l2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
  const int dims = static_cast<int>(task.base.columns);
  const auto factory = fmt::format("IVF{},SQ8,RFlat", default_lists(task.base.rows()));
  std::unique_ptr<faiss::Index> index;
  const Kept kept = {[&](const std::string& path) { index.reset(faiss::read_index(path.c_str())); },
                     [&] {
                       index.reset(faiss::index_factory(dims, factory.c_str(), metric));
                       auto* const ivf = lists_of(*index);
                       ivf->cp.spherical = task.metric != Metric::l2;
                       ivf->cp.max_points_per_centroid = 64;
                       ivf->cp.niter = 8;
                       const auto base = vectors_for(task);
                       index->train(task.base.rows(), base.data());
                       index->add(task.base.rows(), base.data());
                     },
                     [&](const std::string& path) { faiss::write_index(index.get(), path.c_str()); }};
  const double build_s = load_or_build(task, fmt::format("faiss-{}.index", name_of(task.metric)), kept);
  auto* const refine = dynamic_cast<faiss::IndexRefine*>(index.get());
  auto* const ivf = lists_of(*index);
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
