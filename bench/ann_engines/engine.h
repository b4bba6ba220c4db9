// What the engines are given, and the parameters that they are tried with.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ann_engines/measure.h"
#include "ann_engines/vector_file.h"
#include "index/vector_index.h"

namespace winnow::bench {

struct Task {
  Matrix<float> base;
  Matrix<float> queries;
  Matrix<std::uint32_t> truth;
  std::uint32_t k = 50;
  Metric metric = Metric::inner_product;
  std::string cache;  // a folder for what takes long to build; empty: none
  bool keep = false;  // our own index there too
};

// One way to search, by the name of its parameters.
struct Point {
  std::string params;
  std::function<Answer()> answer;
};

// Tries every point on the first third of the queries, and for each target measures the fastest that reaches
// it on all of them: what a person who tunes the engine would get. A target that no point reaches is not
// reported.
void report_targets(const std::string& engine, const Task& task, const std::vector<Point>& points,
                    double build_s, double bytes_per_item);

// What takes long to build, kept between runs in the task's folder.
struct Kept {
  std::function<void(const std::string& path)> load;
  std::function<void()> build;
  std::function<void(const std::string& path)> save;
};

enum class Keep {
  nothing,
  until_built_anew,  // this program, whose code may lay it out otherwise then
  always,
};

// Loads what an earlier run kept under this name, or builds and keeps it. Returns the CPU seconds that
// building took, then or now.
double load_or_build(const Task& task, const std::string& name, const Kept& kept, Keep keep = Keep::always);

}  // namespace winnow::bench
