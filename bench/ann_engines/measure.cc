#include "ann_engines/measure.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>

namespace winnow::bench {

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Measured summarise(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  double total = 0;
  for (const double one : seconds) total += one;
  Measured measured;
  measured.qps = static_cast<double>(seconds.size()) / total;
  measured.p50_us = seconds[seconds.size() / 2] * 1e6;
  measured.p99_us = seconds[seconds.size() * 99 / 100] * 1e6;
  return measured;
}

Measured measure(const Answer& answer, const Matrix<std::uint32_t>& truth, std::uint32_t k, std::size_t first,
                 std::size_t last) {
  for (std::size_t i = first; i < std::min(first + 50, last); ++i) static_cast<void>(answer(i));
  std::vector<double> seconds;
  double hits = 0;
  for (std::size_t i = first; i < last; ++i) {
    const double start = thread_cpu_seconds();
    const std::vector<std::uint32_t> found = answer(i);
    seconds.push_back(thread_cpu_seconds() - start);
    const auto known = truth.row(i).first(k);
    for (const std::uint32_t row : found)
      hits += std::find(known.begin(), known.end(), row) != known.end() ? 1 : 0;
  }
  Measured measured = summarise(std::move(seconds));
  measured.recall = hits / (static_cast<double>(last - first) * k);
  return measured;
}

void print_result(const std::string& engine, const std::string& params, const Measured& m, double build_s,
                  double bytes_per_item, const std::string& more) {
  fmt::print(
      "{{\"engine\": \"{}\", \"params\": \"{}\", \"recall\": {:.4f}, \"qps\": {:.1f}, \"p50_us\": {:.1f}, "
      "\"p99_us\": {:.1f}, \"build_s\": {:.2f}, \"bytes_per_item\": {:.1f}{}}}\n",
      engine, params, m.recall, m.qps, m.p50_us, m.p99_us, build_s, bytes_per_item, more);
  std::fflush(stdout);
}

}  // namespace winnow::bench
