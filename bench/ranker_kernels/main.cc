// Our side of bench/ranker: times a scorer on a file of rows, and writes its scores for the script to
// compare.
//
//     winnow_ranker_bench mmoe MODEL ROWS SCORES --precision fp32|bf16|int8 [--cpu LEVEL] [--rounds N]
//     winnow_ranker_bench trees MODEL ROWS SCORES [--cpu LEVEL] [--rounds N]
//
// MODEL: for mmoe the floats that peers.py writes, for trees a model saved by XGBoost. ROWS: floats. SCORES:
// for trees the margins, then the predictions. Prints JSON: {"us", "cpu", ...}; us: CPU time of the thread,
// the least of the rounds. One thread.
#include <fmt/format.h>
#include <hwy/highway.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "math/vector_kernels.h"
#include "models/gbdt/tree_scorer.h"
#include "models/gbdt/xgboost_model.h"
#include "models/multitask/mmoe_scorer.h"

namespace winnow {
namespace {

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "error: {}\n", message);
  std::exit(1);
}

template <class T>
T or_fail(Result<T> result) {
  if (!result.ok()) fail(result.error().message);
  return std::move(result).value();
}

std::vector<float> read_floats(const std::string& path) {
  const std::string bytes = or_fail(read_file(path));
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

void write_floats(const std::string& path, const std::vector<float>& values) {
  const std::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  if (const Status status = write_file_atomically(path, bytes); !status.ok()) fail(status.error().message);
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Microseconds of one call.
template <class Body>
double measure(int rounds, const Body& body) {
  constexpr int kCalls = 10;
  for (int k = 0; k < 2 * kCalls; ++k) body();
  double least = 1e9;
  for (int round = 0; round < rounds; ++round) {
    const double start = thread_seconds();
    for (int k = 0; k < kCalls; ++k) body();
    least = std::min(least, (thread_seconds() - start) / kCalls);
  }
  return least * 1e6;
}

// u32 of the shape, then layer by layer, per expert or head, weights and bias; then the sample rows.
MmoeModel read_mmoe(const std::string& path) {
  const std::string bytes = or_fail(read_file(path));
  ByteReader in(bytes);
  MmoeModel model;
  MmoeShape& s = model.shape;
  for (std::uint32_t* value :
       {&s.inputs, &s.experts, &s.expert_hidden, &s.expert_outputs, &s.heads, &s.head_hidden}) {
    *value = in.fixed<std::uint32_t>();
  }
  const auto floats = [&](std::size_t count) {
    std::vector<float> out(count);
    for (float& value : out) value = in.fixed<float>();
    return out;
  };
  const auto layers = [&](std::vector<DenseWeights>& into, std::uint32_t count, std::size_t inputs,
                          std::size_t outputs) {
    for (std::uint32_t k = 0; k < count; ++k) {
      std::vector<float> weights = floats(inputs * outputs);
      into.push_back({std::move(weights), floats(outputs)});
    }
  };
  layers(model.expert_first, s.experts, s.inputs, s.expert_hidden);
  layers(model.expert_second, s.experts, s.expert_hidden, s.expert_outputs);
  layers(model.gates, s.heads, s.inputs, s.experts);
  layers(model.head_first, s.heads, s.expert_outputs, s.head_hidden);
  layers(model.head_second, s.heads, s.head_hidden, 1);
  model.sample = floats(in.remaining() / sizeof(float));
  if (in.failed()) fail(path + " is too short");
  return model;
}

struct Arguments {
  std::string what, model, rows, scores;
  std::map<std::string, std::string> options;

  std::string option(const std::string& name, const std::string& otherwise) const {
    const auto found = options.find(name);
    return found != options.end() ? found->second : otherwise;
  }
  int rounds() const { return std::atoi(option("--rounds", "30").c_str()); }
  CpuLevel cpu() const {
    const auto level = parse_cpu_level(option("--cpu", std::string(name_of(best_cpu_level()))));
    if (!level) fail("no such --cpu: " + option("--cpu", ""));
    return *level;
  }
};

Arguments parse(int argc, char** argv) {
  if (argc < 5 || argc % 2 == 0)
    fail("usage: winnow_ranker_bench mmoe|trees MODEL ROWS SCORES [--option VALUE]...");
  Arguments out{argv[1], argv[2], argv[3], argv[4], {}};
  for (int k = 5; k < argc; k += 2) out.options[argv[k]] = argv[k + 1];
  return out;
}

void print_result(const Arguments& given, double us, const std::string& more) {
  fmt::print("{{\"us\": {:.2f}, \"cpu\": \"{}\", \"simd\": \"{}\"{}}}\n", us, name_of(given.cpu()),
             simd_name(), more);
}

void run_mmoe(const Arguments& given) {
  const auto precision = parse_precision(given.option("--precision", "int8"));
  if (!precision) fail("no such --precision");
  const auto scorer =
      or_fail(MmoeScorer::open(read_mmoe(given.model), {.precision = *precision, .cpu = given.cpu()}));
  const auto rows = read_floats(given.rows);
  std::vector<float> scores(rows.size() / scorer.inputs() * scorer.heads());
  const double us = measure(given.rounds(), [&] {
    if (const Status status = scorer.score(rows, scores); !status.ok()) fail(status.error().message);
  });
  write_floats(given.scores, scores);
  print_result(given, us,
               fmt::format(", \"sample_error\": {:.3g}, \"mean_sample_error\": {:.3g}",
                           scorer.error().largest, scorer.error().mean));
}

void run_trees(const Arguments& given) {
  const TreeModel model = or_fail(read_xgboost_model(or_fail(read_file(given.model))));
  const auto scorer = or_fail(TreeScorer::open(model, {.cpu = given.cpu()}));
  const auto rows = read_floats(given.rows);
  std::vector<float> scores(rows.size() / scorer.features() * scorer.outputs());
  const double us = measure(given.rounds(), [&] { scorer.predict(rows, scores); });
  std::vector<float> both(scores.size());
  scorer.margins(rows, both);
  both.insert(both.end(), scores.begin(), scores.end());
  write_floats(given.scores, both);
  print_result(given, us, "");
}

// What Highway compiles is held to the level as well. Of its bits, the lower ones are the better targets.
void restrict_highway(CpuLevel cpu) {
  if (cpu == CpuLevel::avx2) hwy::DisableTargets(HWY_AVX2 - 1);
  if (cpu == CpuLevel::portable) hwy::DisableTargets(2 * HWY_AVX2 - 1);
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) {
  const winnow::Arguments given = winnow::parse(argc, argv);
  winnow::restrict_highway(given.cpu());
  if (given.what == "mmoe") {
    winnow::run_mmoe(given);
  } else if (given.what == "trees") {
    winnow::run_trees(given);
  } else {
    winnow::fail("no such case: " + given.what);
  }
}
