// hnswlib as its users run it: compiled for this machine. A program of its own, since hnswlib's headers
// define functions that may be in a program once only.
#include <fmt/format.h>
#include <hnswlib/hnswlib.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "ann_engines/arguments.h"
#include "ann_engines/engine.h"

namespace winnow::bench {

namespace {

using Graph = hnswlib::HierarchicalNSW<float>;
constexpr std::size_t kDegree = 16;
constexpr std::size_t kConstruction = 200;

std::vector<float> unit(std::span<const float> v) {
  double square = 0;
  for (const float x : v) square += static_cast<double>(x) * x;
  std::vector<float> made(v.begin(), v.end());
  for (float& x : made) x /= static_cast<float>(std::sqrt(square) + 1e-30);
  return made;
}

// Built on unit vectors for inner products and cosines, which suits it best; then, for inner products,
// searched with the vectors as they are.
void build(Graph& graph, const Task& task) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < task.base.rows(); i = next++) {
      const auto row = task.base.row(i);
      if (task.metric == Metric::l2) {
        graph.addPoint(row.data(), i);
      } else {
        graph.addPoint(unit(row).data(), i);
      }
    }
  };
  std::vector<std::jthread> others;
  for (unsigned t = 1; t < std::thread::hardware_concurrency(); ++t) others.emplace_back(work);
  work();
  others.clear();
  if (task.metric != Metric::inner_product) return;
  for (const auto& [label, node] : graph.label_lookup_) {
    std::copy_n(task.base.row(label).data(), task.base.columns,
                reinterpret_cast<float*>(graph.getDataByInternalId(node)));
  }
}

}  // namespace

void run(const Task& task) {
  std::unique_ptr<hnswlib::SpaceInterface<float>> space;
  if (task.metric == Metric::l2) {
    space = std::make_unique<hnswlib::L2Space>(task.base.columns);
  } else {
    space = std::make_unique<hnswlib::InnerProductSpace>(task.base.columns);
  }
  std::unique_ptr<Graph> graph;
  const Kept kept = {[&](const std::string& path) { graph = std::make_unique<Graph>(space.get(), path); },
                     [&] {
                       graph = std::make_unique<Graph>(space.get(), task.base.rows(), kDegree, kConstruction);
                       build(*graph, task);
                     },
                     [&](const std::string& path) { graph->saveIndex(path); }};
  const double build_s = load_or_build(task, fmt::format("hnswlib-{}.graph", name_of(task.metric)), kept);
  std::vector<Point> points;
  for (const std::size_t beam : {50, 70, 100, 140, 200, 280, 400, 560, 800, 1000, 1200, 1700, 2400, 3400}) {
    if (beam < task.k) continue;
    points.push_back({fmt::format("M={} ef_construction={} ef={}", kDegree, kConstruction, beam), [&, beam] {
                        graph->setEf(beam);
                        return [&](std::size_t q) {
                          const auto query = task.queries.row(q);
                          auto nearest = graph->searchKnn(query.data(), task.k);
                          std::vector<std::uint32_t> rows;
                          for (; !nearest.empty(); nearest.pop())
                            rows.push_back(static_cast<std::uint32_t>(nearest.top().second));
                          return rows;
                        };
                      }});
  }
  report_targets("hnswlib", task, points, build_s, static_cast<double>(graph->size_data_per_element_));
}

}  // namespace winnow::bench

int main(int count, char** values) {
  winnow::bench::run(
      winnow::bench::read_task(winnow::bench::parse_arguments(std::span(values + 1, values + count))));
}
