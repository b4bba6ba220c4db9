// How every engine is measured, alike: one query at a time on one thread, timed in CPU time of that thread,
// so that other work on the machine does not count; recall against exact answers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ann_engines/vector_file.h"

namespace winnow::bench {

struct Measured {
  double recall = 0;
  double qps = 0;
  double p50_us = 0;
  double p99_us = 0;
};

// Writes the rows found for query i.
using Answer = std::function<std::vector<std::uint32_t>(std::size_t query)>;

// Asks queries [first, last) after a few of them to warm up. truth: at least k columns.
Measured measure(const Answer& answer, const Matrix<std::uint32_t>& truth, std::uint32_t k, std::size_t first,
                 std::size_t last);

// Of the seconds that queries took; without the recall.
Measured summarise(std::vector<double> seconds);

double thread_cpu_seconds();

// One result as a line of JSON on standard output. `more` is further members, each with a leading comma.
void print_result(const std::string& engine, const std::string& params, const Measured& measured,
                  double build_s, double bytes_per_item, const std::string& more = "");

}  // namespace winnow::bench
