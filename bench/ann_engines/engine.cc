#include "ann_engines/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/clock.h"

namespace winnow::bench {

namespace {

bool is_newer_than_this_program(const std::filesystem::path& path) {
  std::error_code missing;
  const auto written = std::filesystem::last_write_time(path, missing);
  return !missing && written >= std::filesystem::last_write_time("/proc/self/exe");
}

}  // namespace

void report_targets(const std::string& engine, const Task& task, const std::vector<Point>& points,
                    double build_s, double bytes_per_item) {
  const std::size_t all = task.queries.rows();
  std::vector<Measured> tried;
  for (const Point& point : points)
    tried.push_back(measure(point.answer(), task.truth, task.k, 0, (all + 2) / 3));
  for (const double target : {0.95, 0.99}) {
    // The fastest first; the first whose recall holds on all queries counts.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (tried[i].recall >= target - 0.003) order.push_back(i);
    }
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return tried[a].qps > tried[b].qps; });
    for (const std::size_t i : order) {
      Measured best = measure(points[i].answer(), task.truth, task.k, 0, all);
      if (best.recall < target) continue;
      const Measured again = measure(points[i].answer(), task.truth, task.k, 0, all);
      if (again.qps > best.qps) best = again;
      print_result(engine, points[i].params, best, build_s, bytes_per_item,
                   fmt::format(", \"target\": {}", target));
      break;
    }
  }
}

double load_or_build(const Task& task, const std::string& name, const Kept& kept, Keep keep) {
  const std::string path = task.cache + "/" + name;
  const std::string seconds_path = path + ".seconds";
  const bool keeps = !task.cache.empty() && keep != Keep::nothing;
  double seconds = 0;
  // The seconds are written last: what was interrupted is built again.
  if (keeps && (keep == Keep::always || is_newer_than_this_program(seconds_path)) &&
      std::ifstream(seconds_path) >> seconds) {
    kept.load(path);
    return seconds;
  }
  const double start = cpu_seconds();
  kept.build();
  seconds = cpu_seconds() - start;
  if (keeps) {
    kept.save(path);
    std::ofstream(seconds_path) << seconds << "\n";
  }
  return seconds;
}

}  // namespace winnow::bench
